import { Hono } from 'hono';
import * as z from 'zod';
import { benefit } from '../../db/schema/benefits.ts';
import type { Env } from '../context.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { listCatalogue, showBenefit } from './catalogue.ts';
import { readDistricts } from './catalogue-queries.ts';
import { nearHeader } from './position.ts';

const district = numberInUrl().optional();

/** What a member sees of benefits. */
export const benefits = new Hono<Env>()
  .get(
    '/benefits',
    validate('header', nearHeader),
    validate(
      'query',
      z.strictObject({
        district,
        kind: z.enum(benefit.kind.enumValues).optional(),
        q: text(40).optional(),
      }),
    ),
    async (c) => {
      const { district, ...filter } = c.req.valid('query');
      const near = c.req.valid('header')['x-near'];
      return c.json(await listCatalogue(c, { near, district }, filter), 200);
    },
  )
  .get(
    '/benefits/:id',
    validate('header', nearHeader),
    validate('param', z.strictObject({ id: numberInUrl() })),
    validate('query', z.strictObject({ district })),
    async (c) => {
      const { district } = c.req.valid('query');
      const near = c.req.valid('header')['x-near'];
      return c.json(await showBenefit(c, { near, district }, c.req.valid('param').id), 200);
    },
  )
  /** The same for everybody, signed in or not. */
  .get('/districts', async (c) => {
    c.header('Cache-Control', 'public, max-age=3600');
    return c.json({ districts: await readDistricts(c.env.sql) }, 200);
  });
