import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { Env } from './context.ts';
import { Problem } from './errors.ts';

const bytesMax = 256 * 1024;

const counted = bodyLimit({
  maxSize: bytesMax,
  onError: () => {
    throw new Problem('body_too_large');
  },
});

/**
 * Refuses a body that is too large. A length that was said is held to by every server, so it is enough; only a body
 * without one is counted as it comes. Merely looking at `body` costs more on Node than all the rest of a request.
 */
export const bodySize = createMiddleware<Env>(async (c, next) => {
  const { method } = c.req;
  if (method === 'GET' || method === 'HEAD') return next();
  const length = c.req.header('Content-Length');
  if (length === undefined || c.req.header('Transfer-Encoding') !== undefined)
    return counted(c, next);
  if (!(Number(length) <= bytesMax)) throw new Problem('body_too_large');
  return next();
});
