import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { webBuild } from './folders.ts';
import { freshCaching, immutableCaching, immutablePath, pageHeaders } from './page-headers.ts';

/** The built pages: each file under its name, and for every other address the one page that finds its way itself. */
export async function pages(): Promise<Hono> {
  const page = await readFile(join(webBuild, 'index.html'), 'utf8');
  const headers = Object.entries(pageHeaders(page));
  const app = new Hono();
  app.use(compress());
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of headers) c.header(name, value);
    const isImmutable = c.req.path.startsWith(immutablePath) && c.res.status === 200;
    c.header('Cache-Control', isImmutable ? immutableCaching : freshCaching);
  });
  app.use(etag());
  app.use(serveStatic({ root: webBuild }));
  // A file of an older version is missing, not the page: the page in its place would be run as a script.
  app.get('/_app/*', (c) => c.notFound());
  app.get('*', (c) => c.html(page));
  return app;
}
