import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { decide } from './decide.ts';
import { listItems } from './items.ts';
import { listReview, reviewId } from './review.ts';
import { upload } from './upload.ts';

const itemsMax = 100;
const bodyLengthMax = 2000;

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');

/** Any text that can be stored: what it means is looked at only once it is kept. */
const body = z
  .string()
  .min(1)
  .max(bodyLengthMax)
  .refine((value) => value.isWellFormed() && !value.includes('\0'), {
    message: 'contains characters that cannot be stored',
  });

export const offline = new Hono<Env>()
  .post(
    '/devices/:id/uploads',
    id,
    validate(
      'json',
      z.strictObject({
        from: integer(1, 2_147_483_647 - itemsMax),
        prev: hash,
        items: z.array(body).min(1).max(itemsMax),
        signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/, 'must be 64 bytes in base64url'),
      }),
    ),
    async (c) => c.json(await upload(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get(
    '/devices/:id/items',
    id,
    validate('query', z.strictObject({ after: numberInUrl().default(0) })),
    async (c) =>
      c.json(await listItems(c, c.req.valid('param').id, c.req.valid('query').after), 200),
  )
  .get(
    '/offline-items',
    validate(
      'query',
      z.strictObject({
        state: z.enum(['open', 'decided']).exactOptional(),
        verdict: z.enum(['duplicate', 'over_limit', 'needs_review']).exactOptional(),
        union: numberInUrl().exactOptional(),
        cursor: cursor(reviewId).exactOptional(),
        limit: pageLimit,
      }),
    ),
    async (c) => c.json(await listReview(c, c.req.valid('query')), 200),
  )
  .post(
    '/offline-items/:device/:seq/:hash/decision',
    validate('param', z.strictObject({ device: numberInUrl(), seq: numberInUrl(), hash })),
    validate('json', z.strictObject({ decision: z.enum(['pay', 'reject']), reason: text(200) })),
    async (c) => c.json(await decide(c, c.req.valid('param'), c.req.valid('json')), 200),
  );
