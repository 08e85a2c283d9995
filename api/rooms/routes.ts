import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { memberId } from '../members/member-id.ts';
import { callerId, instant, integer, localDay, numberInUrl, text, validate } from '../validate.ts';
import { askForRoom } from './ask.ts';
import { showRoomCalendar } from './calendar.ts';
import { roomForm, setRoom } from './set.ts';
import { showRoomWeek } from './week.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const claimId = validate('param', z.strictObject({ id: callerId }));
const from = validate('query', z.strictObject({ from: localDay.exactOptional() }));
/** To the quarter of an hour, so that nobody loses half an hour to two minutes. */
const quarter = instant.refine((at) => Date.parse(at) % 900_000 === 0, 'must be a full quarter');

/** Rooms that companies share: their rules, who has them when, and the wish for one. */
export const rooms = new Hono<Env>()
  .put('/benefits/:id/room', id, validate('json', roomForm), async (c) =>
    c.json(await setRoom(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get('/benefits/:id/room', id, from, async (c) =>
    c.json(await showRoomWeek(c, c.req.valid('param').id, c.req.valid('query').from), 200),
  )
  .get('/benefits/:id/room-calendar', id, from, async (c) =>
    c.json(await showRoomCalendar(c, c.req.valid('param').id, c.req.valid('query').from), 200),
  )
  .put(
    '/room-claims/:id',
    claimId,
    validate(
      'json',
      z.strictObject({
        benefit: integer(1),
        startsAt: quarter,
        endsAt: quarter,
        people: integer(1, 1000),
        purpose: text(40),
        member: memberId.nullable().default(null),
      }),
    ),
    async (c) => {
      const { isNew, claimed } = await askForRoom(c, {
        ...c.req.valid('param'),
        ...c.req.valid('json'),
      });
      return c.json(claimed, isNew ? 201 : 200);
    },
  );
