import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { memberId } from '../members/member-id.ts';
import { callerId, integer, numberInUrl, text, validate } from '../validate.ts';
import { calendarOf } from './calendar.ts';
import { cancel, confirm, move } from './change.ts';
import { countUnread, listInbox, markRead } from './inbox.ts';
import { listOwnClaims, showClaim, showClaimPage } from './own.ts';
import { put } from './put.ts';
import { answerLengthMax } from './terms.ts';

const ownId = validate('param', z.strictObject({ id: callerId }));

/** To a sign-up's questions, by their ids; of each kind that there is, so that the questions alone say what fits. */
const answers = z
  .record(z.string().regex(/^[a-z0-9_]{1,20}$/), z.union([text(answerLengthMax), z.number()]))
  .refine((all) => Object.keys(all).length <= 20, { message: 'are more than may be asked' });

/** What a member claims, and does with it. */
export const claims = new Hono<Env>()
  .put(
    '/claims/:id',
    ownId,
    validate(
      'json',
      z.strictObject({
        benefit: integer(1),
        session: integer(1).nullable().default(null),
        quantity: integer(1, 100).default(1),
        waits: z.boolean().default(false),
        answers: answers.default({}),
        member: memberId.nullable().default(null),
      }),
    ),
    async (c) => {
      const { id } = c.req.valid('param');
      const { isNew, claimed } = await put(c, { id, ...c.req.valid('json') });
      return c.json(claimed, isNew ? 201 : 200);
    },
  )
  .post('/claims/:id/confirmation', ownId, async (c) =>
    c.json(await confirm(c, c.req.valid('param').id), 200),
  )
  .post('/claims/:id/cancellation', ownId, async (c) =>
    c.json(await cancel(c, c.req.valid('param').id), 200),
  )
  .post(
    '/claims/:id/move',
    ownId,
    validate('json', z.strictObject({ session: integer(1) })),
    async (c) => c.json(await move(c, c.req.valid('param').id, c.req.valid('json').session), 200),
  )
  .get('/me/claims', async (c) => c.json(await listOwnClaims(c), 200))
  .get('/claims/:id', ownId, async (c) => c.json(await showClaim(c, c.req.valid('param').id), 200))
  .get(
    '/claims/:id/calendar',
    ownId,
    validate('query', z.strictObject({ language: z.enum(['zh-CN', 'en']).default('zh-CN') })),
    async (c) => {
      const { id } = c.req.valid('param');
      const file = await calendarOf(c, id, c.req.valid('query').language);
      return c.body(file, 200, {
        'Content-Type': 'text/calendar; charset=utf-8',
        'Content-Disposition': 'attachment; filename="tongka.ics"',
        'Cache-Control': 'no-store',
      });
    },
  )
  .get(
    '/benefits/:id/claims',
    validate('param', z.strictObject({ id: numberInUrl() })),
    async (c) => c.json(await showClaimPage(c, c.req.valid('param').id), 200),
  )
  .get(
    '/me/inbox',
    validate('query', z.strictObject({ before: numberInUrl().exactOptional() })),
    async (c) => c.json(await listInbox(c, c.req.valid('query').before), 200),
  )
  .get('/me/inbox/unread', async (c) => c.json(await countUnread(c), 200))
  .put('/me/inbox/read', validate('json', z.strictObject({ through: integer(0) })), async (c) =>
    c.json(await markRead(c, c.req.valid('json').through), 200),
  );
