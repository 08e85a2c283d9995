import { Hono } from 'hono';
import * as z from 'zod';
import { givePhoneSecret, phoneHash } from '../cards/phone.ts';
import type { Env } from '../context.ts';
import { memberId } from '../members/member-id.ts';
import { phoneNumber } from '../sessions/phone.ts';
import { instant, integer, numberInUrl, text, validate } from '../validate.ts';
import { actFor, clerkHoursMax } from './appoint.ts';
import { accept, carry, listMandates, showFor } from './carry.ts';
import { endProxy, giveUp } from './end.ts';
import { listProxies, nameProxy, proxiesMax } from './name.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

/** Whom a member lets act for him, and for whom the caller may act. */
export const proxies = new Hono<Env>()
  .get('/me/proxies', async (c) => c.json({ proxies: await listProxies(c), most: proxiesMax }, 200))
  .post(
    '/me/proxies',
    validate(
      'json',
      z.strictObject({
        phone: phoneNumber,
        label: text(20),
        endsAt: instant.nullable().default(null),
      }),
    ),
    async (c) =>
      c.json({ proxies: await nameProxy(c, c.req.valid('json')), most: proxiesMax }, 200),
  )
  .delete('/me/proxies/:id', id, async (c) => {
    await endProxy(c, c.req.valid('param').id);
    return c.json({ status: true as const }, 200);
  })
  .get('/me/mandates', async (c) => c.json({ mandates: await listMandates(c) }, 200))
  .post('/me/mandates/:id/acceptance', id, async (c) => {
    await accept(c, c.req.valid('param').id);
    return c.json({ status: true as const }, 200);
  })
  .delete('/me/mandates/:id', id, async (c) => {
    await giveUp(c, c.req.valid('param').id);
    return c.json({ status: true as const }, 200);
  })
  .post(
    '/me/mandates/:id/enrolment',
    id,
    validate('json', z.strictObject({ phoneLabel: text(40) })),
    async (c) => {
      const { phoneLabel } = c.req.valid('json');
      await carry(c, c.req.valid('param').id, { phoneLabel, phoneHash: await givePhoneSecret(c) });
      return c.json({ status: true as const }, 200);
    },
  )
  .get('/me/mandates/:id/passes', id, async (c) =>
    c.json(await showFor(c, c.req.valid('param').id, await phoneHash(c)), 200),
  )
  .post(
    '/members/:id/clerk',
    validate('param', z.strictObject({ id: memberId })),
    validate('json', z.strictObject({ reason: text(200), hours: integer(1, clerkHoursMax) })),
    async (c) => c.json(await actFor(c, c.req.valid('param').id, c.req.valid('json')), 201),
  );
