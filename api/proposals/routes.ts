import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { confirmProposal } from './confirm.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const remark = validate('json', z.strictObject({ reason: text(200).exactOptional() }));

export const proposals = new Hono<Env>().post(
  '/proposals/:id/confirmation',
  id,
  remark,
  async (c) =>
    c.json(
      await confirmProposal(c, c.req.valid('param').id, c.req.valid('json').reason ?? null),
      200,
    ),
);
