import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, validate } from '../validate.ts';
import { exportChances, readDrawList, showDraw } from './draw-view.ts';
import { commitDraw, drawForm, enterNumber, numberForm, rehearseDraw } from './draws.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

/** A draw by lot, from its commitment to all that it takes to do it again. */
export const draws = new Hono<Env>()
  .post('/benefits/:id/draw', id, validate('json', drawForm), async (c) =>
    c.json(await commitDraw(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .get('/benefits/:id/draw', id, async (c) =>
    c.json(await showDraw(c, c.req.valid('param').id), 200),
  )
  .get('/benefits/:id/draw/list', id, async (c) =>
    c.body(await readDrawList(c, c.req.valid('param').id), 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': 'attachment; filename="draw-list.txt"',
    }),
  )
  .get('/benefits/:id/draw/chances.csv', id, async (c) =>
    c.body(await exportChances(c, c.req.valid('param').id), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="draw-chances.csv"',
    }),
  )
  .get('/benefits/:id/draw/rehearsal', id, async (c) =>
    c.json(await rehearseDraw(c, c.req.valid('param').id), 200),
  )
  .post('/benefits/:id/draw/number', id, validate('json', numberForm), async (c) =>
    c.json(await enterNumber(c, c.req.valid('param').id, c.req.valid('json')), 202),
  );
