import type { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Env } from '../context.ts';
import { type Document, documentOf } from './document.ts';
import { page, style } from './page.ts';

/** Around the headers of every other answer: the page may have its one style sheet, and still no script. */
export const pagePolicy = createMiddleware<Env>(async (c, next) => {
  await next();
  const policy = `default-src 'none'; style-src 'sha256-${await sha256(style)}'`;
  c.header('Content-Security-Policy', `${policy}; base-uri 'none'; frame-ancestors 'none'`);
});

/** The document and its page, for an app that has all its other routes. */
export function addDocs(app: Pick<Hono<Env>, 'get' | 'routes'>): void {
  let made: Document | undefined;
  // Costs a tenth of a second, and is the same for everybody until the code changes.
  const document = async () => (made ??= await documentOf(app));
  app.get('/api/openapi.json', async (c) => {
    c.header('Cache-Control', 'public, max-age=300');
    return c.json(await document());
  });
  app.get('/api/docs', async (c) => {
    c.header('Cache-Control', 'public, max-age=300');
    return c.html(page(await document()));
  });
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}
