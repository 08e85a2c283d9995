import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, encodeCursor, pageLimit } from '../cursor.ts';
import { partner as partnerTable } from '../../db/schema/partners.ts';
import { inOrder, localDay, numberInUrl, text, validate } from '../validate.ts';
import { addOutlet, newOutlet } from './add-outlet.ts';
import { admissionTerms } from './admission-terms.ts';
import { listAdmissions } from './admissions.ts';
import { admitPartner } from './admit.ts';
import { changeOutlet, outletChange } from './change-outlet.ts';
import { setOutletClosed } from './close-outlet.ts';
import { listPartners } from './list.ts';
import { readPartner } from './read.ts';
import { setAdmissionState } from './set-admission-state.ts';
import { setPartnerState } from './set-state.ts';
import { showOutlet } from './show-outlet.ts';
import { exportTakings } from './takings-csv.ts';
import { listTakings } from './takings.ts';

const states = ['live', 'paused', 'ended'] as const;

const filter = validate(
  'query',
  z.strictObject({
    kind: z.enum(partnerTable.kind.enumValues).exactOptional(),
    district: numberInUrl().exactOptional(),
    union: numberInUrl().exactOptional(),
    state: z.enum(states).exactOptional(),
    q: text(60).exactOptional(),
    after: numberInUrl().exactOptional(),
    limit: numberInUrl(1000).default(1000),
  }),
);
const id = validate('param', z.strictObject({ id: numberInUrl() }));
const pair = validate('param', z.strictObject({ id: numberInUrl(), partner: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const change = validate('json', z.strictObject({ state: z.enum(states), reason: text(200) }));

const takingFilter = {
  from: localDay.exactOptional(),
  to: localDay.exactOptional(),
  outlet: numberInUrl().exactOptional(),
  benefit: numberInUrl().exactOptional(),
  state: z.enum(['booked', 'reversed']).exactOptional(),
};
const redemptionId = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const page = validate(
  'query',
  inOrder(
    z.strictObject({
      ...takingFilter,
      cursor: cursor(redemptionId).exactOptional(),
      limit: pageLimit,
    }),
  ),
);
const whole = validate(
  'query',
  inOrder(z.strictObject({ ...takingFilter, language: z.enum(['zh-CN', 'en']).default('zh-CN') })),
);

export const partners = new Hono<Env>()
  .get('/partners', filter, async (c) => {
    const { limit, ...wanted } = c.req.valid('query');
    return c.json(await listPartners(c, wanted, limit), 200);
  })
  .get('/partners/:id', id, async (c) => c.json(await readPartner(c, c.req.valid('param').id), 200))
  .put('/partners/:id/state', id, change, async (c) => {
    const { state, reason: why } = c.req.valid('json');
    return c.json(await setPartnerState(c, c.req.valid('param').id, state, why), 200);
  })
  .post('/partners/:id/outlets', id, validate('json', newOutlet), async (c) =>
    c.json(await addOutlet(c, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .get('/partners/:id/redemptions', id, page, async (c) => {
    const { cursor: after, limit, ...wanted } = c.req.valid('query');
    const { redemptions, next } = await listTakings(
      c,
      c.req.valid('param').id,
      wanted,
      limit,
      after,
    );
    return c.json({ redemptions, next: next && encodeCursor(next) }, 200);
  })
  .get('/partners/:id/redemptions.csv', id, whole, async (c) => {
    const { language, ...wanted } = c.req.valid('query');
    return c.body(await exportTakings(c, c.req.valid('param').id, wanted, language), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="redemptions.csv"',
      'Cache-Control': 'no-store',
    });
  })
  .get('/outlets/:id', id, async (c) => c.json(await showOutlet(c, c.req.valid('param').id), 200))
  .patch('/outlets/:id', id, validate('json', outletChange), async (c) =>
    c.json(await changeOutlet(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .put(
    '/outlets/:id/closure',
    id,
    validate('json', z.strictObject({ isClosed: z.boolean(), reason: text(200) })),
    async (c) => {
      const { isClosed, reason: why } = c.req.valid('json');
      return c.json(await setOutletClosed(c, c.req.valid('param').id, isClosed, why), 200);
    },
  )
  .get('/benefits/:id/partners', id, async (c) =>
    c.json(await listAdmissions(c, c.req.valid('param').id), 200),
  )
  .put('/benefits/:id/partners/:partner', pair, validate('json', admissionTerms), async (c) => {
    const { id: benefitId, partner: partnerId } = c.req.valid('param');
    const { reason: why, ...terms } = c.req.valid('json');
    const answer = await admitPartner(c, { benefitId, partnerId }, terms, why);
    return 'proposal' in answer ? c.json(answer, 202) : c.json(answer.admission, 200);
  })
  .put('/benefits/:id/partners/:partner/state', pair, change, async (c) => {
    const { id: benefitId, partner: partnerId } = c.req.valid('param');
    const { state, reason: why } = c.req.valid('json');
    return c.json(await setAdmissionState(c, { benefitId, partnerId }, state, why), 200);
  })
  .delete('/benefits/:id/partners/:partner', pair, reason, async (c) => {
    const { id: benefitId, partner: partnerId } = c.req.valid('param');
    const why = c.req.valid('json').reason;
    return c.json(await setAdmissionState(c, { benefitId, partnerId }, 'ended', why), 200);
  });
