import { symmetricDecrypt } from 'better-auth/crypto';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import * as z from 'zod';
import { signedIn } from '../authority.ts';
import type { Env } from '../context.ts';
import { Problem } from '../errors.ts';
import { validate } from '../validate.ts';
import { demoPeople } from './demo-people.ts';
import { phoneNumber, readPhone } from './phone.ts';
import { readSecret } from './queries.ts';
import { DemoSms } from './sms-demo.ts';
import { stepAt, totp } from './totp.ts';

const inDemo = createMiddleware<Env>(async (c, next) => {
  if (!c.env.config.demo) throw new Problem('not_found');
  await next();
});

/** What stands in for the telephones and authenticators of the demo's people; outside demo mode there is none of it. */
export const demo = new Hono<Env>()
  .get('/demo/people', inDemo, (c) => c.json(demoPeople, 200))
  .post('/demo/code', inDemo, validate('json', z.strictObject({ phone: phoneNumber })), (c) => {
    const { sms } = c.env;
    const code = sms instanceof DemoSms && sms.lastCode(readPhone(c.req.valid('json').phone));
    if (!code) throw new Problem('not_found');
    return c.json({ code }, 200);
  })
  .post('/demo/second-factor', inDemo, async (c) => {
    const { sql, config } = c.env;
    const factor = await readSecret(sql, signedIn(c).userId);
    if (factor === null) throw new Problem('not_found');
    const secret = await symmetricDecrypt({ key: config.secret, data: factor.cipher });
    // A code counts once, and the one of the next step is accepted already: two sign-ins in half a minute both work.
    const now = stepAt(factor.epoch);
    const step = Math.max(now, factor.lastStep + 1);
    if (step > now + 1) throw new Problem('too_many_attempts', {}, { 'Retry-After': '30' });
    return c.json({ code: await totp(secret, step) }, 200);
  });
