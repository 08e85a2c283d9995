import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { comeBack, leave, takeLeavers } from './leave.ts';
import { memberId } from './member-id.ts';
import { person } from './person.ts';
import { searchMembers } from './search.ts';
import { showMember } from './show.ts';
import {
  askTransfer,
  decideOwnTransfer,
  decideTransfer,
  listTransfers,
  ownTransfers,
  withdrawTransfer,
} from './transfer.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const oneMember = validate('param', z.strictObject({ id: memberId }));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const search = validate(
  'json',
  z.strictObject({
    name: text(50).exactOptional(),
    person: person.exactOptional(),
    hasLeft: z.boolean().exactOptional(),
    after: z
      .strictObject({
        name: z.string().max(200),
        unionId: integer(1),
        id: z
          .int()
          .min(0)
          .max(2 ** 52 - 1),
      })
      .exactOptional(),
    limit: integer(1, 200).default(50),
  }),
);
const feed = validate(
  'json',
  z.strictObject({
    leavers: z
      .array(z.strictObject({ person, reason: text(100), on: z.iso.date().exactOptional() }))
      .min(1)
      .max(500),
  }),
);
const request = validate('json', z.strictObject({ person, reason: text(200) }));
const decision = validate('json', z.strictObject({ isAgreed: z.boolean(), reason: text(200) }));
const ownDecision = validate('json', z.strictObject({ isAgreed: z.boolean() }));

export const members = new Hono<Env>()
  .post('/unions/:id/members/search', id, search, async (c) =>
    c.json(await searchMembers(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get('/members/:id', oneMember, async (c) =>
    c.json(await showMember(c, c.req.valid('param').id), 200),
  )
  .post('/members/:id/leave', oneMember, reason, async (c) =>
    c.json(await leave(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .delete('/members/:id/leave', oneMember, reason, async (c) =>
    c.json(await comeBack(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/unions/:id/leavers', id, feed, async (c) => {
    const { leavers } = c.req.valid('json');
    return c.json({ answers: await takeLeavers(c, c.req.valid('param').id, leavers, true) }, 200);
  })
  .delete('/unions/:id/leavers', id, feed, async (c) => {
    const { leavers } = c.req.valid('json');
    return c.json({ answers: await takeLeavers(c, c.req.valid('param').id, leavers, false) }, 200);
  })
  .get('/unions/:id/transfers', id, async (c) =>
    c.json(await listTransfers(c, c.req.valid('param').id), 200),
  )
  .post('/unions/:id/transfers', id, request, async (c) => {
    const { person: who, reason: why } = c.req.valid('json');
    return c.json(await askTransfer(c, c.req.valid('param').id, who, why), 200);
  })
  .post('/transfers/:id/decision', id, decision, async (c) => {
    const { isAgreed, reason: why } = c.req.valid('json');
    return c.json(await decideTransfer(c, c.req.valid('param').id, isAgreed, why), 200);
  })
  .delete('/transfers/:id', id, reason, async (c) =>
    c.json(await withdrawTransfer(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get('/me/transfers', async (c) => c.json({ transfers: await ownTransfers(c) }, 200))
  .post('/me/transfers/:id/decision', id, ownDecision, async (c) =>
    c.json(await decideOwnTransfer(c, c.req.valid('param').id, c.req.valid('json').isAgreed), 200),
  );
