import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { ticketLengthMax } from '../scans/ticket.ts';
import { integer, validate } from '../validate.ts';
import { tryRedemption } from './try.ts';

export const trials = new Hono<Env>().post(
  '/trials',
  validate(
    'json',
    z.strictObject({
      ticket: z.string().min(1).max(ticketLengthMax),
      benefit: integer(1),
      quantity: integer(1, 100),
    }),
  ),
  async (c) => c.json(await tryRedemption(c, c.req.valid('json')), 200),
);
