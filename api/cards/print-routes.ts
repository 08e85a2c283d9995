import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, encodeCursor, pageLimit } from '../cursor.ts';
import { memberId } from '../members/member-id.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { listPrintedCards } from './print-list.ts';
import { issuePrintedCard, readPrintedCard, revokePrintedCard } from './print.ts';

const id = validate('param', z.strictObject({ id: memberId }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

/** Cards on paper, for members without a smartphone. */
export const printedCards = new Hono<Env>()
  .get('/members/:id/printed-card', id, async (c) =>
    c.json(await readPrintedCard(c, c.req.valid('param').id), 200),
  )
  .put('/members/:id/printed-card', id, reason, async (c) =>
    c.json(await issuePrintedCard(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .delete('/members/:id/printed-card', id, reason, async (c) =>
    c.json(await revokePrintedCard(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get(
    '/unions/:id/printed-cards',
    validate('param', z.strictObject({ id: numberInUrl() })),
    validate('query', z.strictObject({ after: cursor(/^\d{1,13}$/).optional(), limit: pageLimit })),
    async (c) => {
      const { after, limit } = c.req.valid('query');
      const { cards, next } = await listPrintedCards(c, c.req.valid('param').id, limit, after);
      return c.json({ cards, next: next && encodeCursor(next) }, 200);
    },
  );
