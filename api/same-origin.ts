import { createMiddleware } from 'hono/factory';
import type { Env } from './context.ts';
import { Problem } from './errors.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what changes something on behalf of another site, whatever its content type, and a body that is not JSON.
 * A caller without a browser sends no Origin and holds no cookie it did not ask for.
 */
export const sameOrigin = createMiddleware<Env>(async (c, next) => {
  if (!safeMethods.has(c.req.method)) {
    const origin = c.req.header('Origin');
    const site = c.req.header('Sec-Fetch-Site');
    if (origin !== undefined && !sameHost(origin, c.req.header('Host') ?? new URL(c.req.url).host))
      throw new Problem('foreign_origin');
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      throw new Problem('foreign_origin');
    const type = c.req.header('Content-Type');
    if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type) && c.req.raw.body !== null)
      throw new Problem('unsupported_media_type');
  }
  await next();
});

/** A browser writes an origin as it writes the host: in lower case, without the port that goes without saying. */
function sameHost(origin: string, host: string): boolean {
  return origin === `https://${host}` || origin === `http://${host}`;
}
