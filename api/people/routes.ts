import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { answerInvitation } from './answer.ts';
import { changeOfficer, officerChange } from './change.ts';
import { delegateOffice, endDelegation, newDelegation } from './delegate.ts';
import { inviteOfficer, newInvitation, withdrawInvitation } from './invite.ts';
import { listPeople } from './list.ts';
import { endOfficerSessions, listOfficerSessions } from './sessions.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

export const people = new Hono<Env>()
  .get('/unions/:id/people', id, async (c) =>
    c.json(await listPeople(c, c.req.valid('param').id), 200),
  )
  .post('/unions/:id/invitations', id, validate('json', newInvitation), async (c) =>
    c.json(await inviteOfficer(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .post('/invitations/:id/withdrawal', id, reason, async (c) =>
    c.json(await withdrawInvitation(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post(
    '/me/invitations/:id/answer',
    id,
    validate('json', z.strictObject({ accept: z.boolean() })),
    async (c) =>
      c.json(await answerInvitation(c, c.req.valid('param').id, c.req.valid('json').accept), 200),
  )
  .patch('/officers/:id', id, validate('json', officerChange), async (c) =>
    c.json(await changeOfficer(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post('/officers/:id/delegations', id, validate('json', newDelegation), async (c) =>
    c.json(await delegateOffice(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .post('/delegations/:id/end', id, reason, async (c) =>
    c.json(await endDelegation(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get('/officers/:id/sessions', id, async (c) =>
    c.json({ sessions: await listOfficerSessions(c, c.req.valid('param').id) }, 200),
  )
  .delete('/officers/:id/sessions', id, reason, async (c) =>
    c.json(await endOfficerSessions(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
