import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Env } from './context.ts';

/** One line a request with the route's pattern; the path itself, the query and the headers may name a person and stay out. */
export const requestLog = createMiddleware<Env>(async (c, next) => {
  const start = performance.now();
  await next();
  c.env.log.info('request', {
    requestId: c.get('requestId'),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    milliseconds: Math.round(performance.now() - start),
  });
});
