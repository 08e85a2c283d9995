import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { tagOf } from '../entity-tag.ts';
import { idLastFour, shown } from '../scans/shown.ts';
import { ticketLengthMax } from '../scans/ticket.ts';
import { callerId, integer, localDay, numberInUrl, text, validate } from '../validate.ts';
import { attend, attendByPass, miss, unattend } from './attendance.ts';
import { listClaimable } from './claimable.ts';
import { listDoor, showDoor } from './door.ts';
import { liftMark, listMarks, listOwnMarks } from './marks.ts';
import { letIn } from './walk-ins.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const ownId = validate('param', z.strictObject({ id: callerId }));
const becauseOf = validate('json', z.strictObject({ reason: text(200) }));
const maybeReason = validate('json', z.strictObject({ reason: text(200).exactOptional() }));

/** The door: who came, who is let in, and what becomes of who did not come. */
export const door = new Hono<Env>()
  .get(
    '/outlets/:id/door',
    etag(),
    id,
    validate('query', z.strictObject({ on: localDay.exactOptional() })),
    async (c) => {
      const list = await listDoor(c, c.req.valid('param').id, c.req.valid('query').on);
      await tag(c, list);
      return c.json(list, 200);
    },
  )
  .get('/claim-sessions/:id/door', etag(), id, async (c) => {
    const session = await showDoor(c, c.req.valid('param').id);
    await tag(c, session);
    return c.json(session, 200);
  })
  .post(
    '/claim-sessions/:id/attendance',
    id,
    validate(
      'json',
      z
        .strictObject({
          pass: shown.exactOptional(),
          code: shown.exactOptional(),
          idLastFour: idLastFour.exactOptional(),
        })
        .refine(({ pass, code }) => (pass === undefined) !== (code === undefined), {
          path: ['pass'],
          message: 'send either a pass or a code',
        }),
    ),
    async (c) => c.json(await attendByPass(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post(
    '/claim-sessions/:id/walk-ins',
    id,
    validate(
      'json',
      z.strictObject({
        id: callerId,
        ticket: z.string().min(1).max(ticketLengthMax),
        quantity: integer(1, 100).default(1),
      }),
    ),
    async (c) => {
      const done = await letIn(c, c.req.valid('param').id, c.req.valid('json'));
      return c.json(done.letIn, done.isNew ? 201 : 200);
    },
  )
  .post('/claims/:id/attendance', ownId, maybeReason, async (c) =>
    c.json(await attend(c, c.req.valid('param').id, c.req.valid('json').reason ?? null), 200),
  )
  .delete('/claims/:id/attendance', ownId, maybeReason, async (c) =>
    c.json(await unattend(c, c.req.valid('param').id, c.req.valid('json').reason ?? null), 200),
  )
  .post('/claims/:id/no-show', ownId, becauseOf, async (c) =>
    c.json(await miss(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get(
    '/unions/:id/marks',
    id,
    validate(
      'query',
      z.strictObject({
        live: z
          .enum(['true', 'false'])
          .transform((word) => word === 'true')
          .exactOptional(),
        cursor: cursor(/^[1-9]\d{0,9}$/).exactOptional(),
        limit: pageLimit,
      }),
    ),
    async (c) => c.json(await listMarks(c, c.req.valid('param').id, c.req.valid('query')), 200),
  )
  .post('/marks/:id/lift', id, becauseOf, async (c) =>
    c.json(await liftMark(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get('/me/marks', async (c) => c.json(await listOwnMarks(c), 200))
  .get('/unions/:id/claimable', id, async (c) =>
    c.json(await listClaimable(c, c.req.valid('param').id), 200),
  );

async function tag(c: Context<Env>, content: unknown): Promise<void> {
  c.header('ETag', await tagOf(content));
  c.header('Cache-Control', 'private, no-cache');
}
