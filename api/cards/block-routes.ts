import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { callerId, text, validate } from '../validate.ts';
import { blockCard, readCard, unblockCard } from './block.ts';

const id = validate('param', z.strictObject({ id: callerId }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

/** What a union may do to the card behind a redemption that looks wrong, without learning whose it is. */
export const cardBlocks = new Hono<Env>()
  .get('/redemptions/:id/card', id, async (c) =>
    c.json(await readCard(c, c.req.valid('param').id), 200),
  )
  .post('/redemptions/:id/card/block', id, reason, async (c) =>
    c.json(await blockCard(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .delete('/redemptions/:id/card/block', id, reason, async (c) =>
    c.json(await unblockCard(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
