import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, encodeCursor, pageLimit } from '../cursor.ts';
import { callerId, integer, numberInUrl, text, validate } from '../validate.ts';
import { claimantFilter, exportClaimants, listClaimants } from './claimants.ts';
import { decide, decisionForm } from './decide.ts';
import { showDesk, watchDrop } from './desk.ts';
import { addSessions, cancelSession, resizeSession, sessionsForm } from './sessions.ts';
import { claimTermsForm, setClaimTerms } from './terms.ts';
import { addWave, waveForm } from './waves.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const page = validate(
  'query',
  z.strictObject({ ...claimantFilter, cursor: cursor(uuid).exactOptional(), limit: pageLimit }),
);
const whole = validate(
  'query',
  z.strictObject({ ...claimantFilter, language: z.enum(['zh-CN', 'en']).default('zh-CN') }),
);
const cap = z.strictObject({ cap: integer(0, 1_000_000), reason: text(200) });

/** What an organiser sets up, sees and decides of what is claimed. */
export const claimDesk = new Hono<Env>()
  .get('/benefits/:id/claim-terms', id, async (c) =>
    c.json(await showDesk(c, c.req.valid('param').id), 200),
  )
  .put('/benefits/:id/claim-terms', id, validate('json', claimTermsForm), async (c) =>
    c.json(await setClaimTerms(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post('/benefits/:id/sessions', id, validate('json', sessionsForm), async (c) =>
    c.json(await addSessions(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .put('/claim-sessions/:id/cap', id, validate('json', cap), async (c) =>
    c.json(await resizeSession(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post(
    '/claim-sessions/:id/cancellation',
    id,
    validate('json', z.strictObject({ reason: text(200) })),
    async (c) =>
      c.json(await cancelSession(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/benefits/:id/waves', id, validate('json', waveForm), async (c) =>
    c.json(await addWave(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .get('/benefits/:id/claimants', id, page, async (c) => {
    const { cursor: after, limit, ...filter } = c.req.valid('query');
    const { claimants, next } = await listClaimants(
      c,
      c.req.valid('param').id,
      filter,
      limit,
      after,
    );
    return c.json({ claimants, next: next && encodeCursor(next) }, 200);
  })
  .get('/benefits/:id/claimants.csv', id, whole, async (c) => {
    const { language, ...filter } = c.req.valid('query');
    return c.body(await exportClaimants(c, c.req.valid('param').id, filter, language), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="claimants.csv"',
      'Cache-Control': 'no-store',
    });
  })
  .get('/benefits/:id/drop', id, async (c) =>
    c.json(await watchDrop(c, c.req.valid('param').id), 200),
  )
  .post(
    '/claims/:id/decision',
    validate('param', z.strictObject({ id: callerId })),
    validate('json', decisionForm),
    async (c) => c.json(await decide(c, c.req.valid('param').id, c.req.valid('json')), 200),
  );
