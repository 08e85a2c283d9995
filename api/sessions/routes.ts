import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { validate } from '../validate.ts';
import { describeSession } from './describe-session.ts';
import { enrolSecondFactor } from './enrol-second-factor.ts';
import { endOtherSessions, listSessions } from './own.ts';
import { passSecondFactor } from './pass-second-factor.ts';
import { phoneNumber } from './phone.ts';
import { sendCode } from './send-code.ts';
import { signOut, signOutEverywhere } from './sign-out.ts';
import { verifyCode } from './verify-code.ts';

const code = z.string().regex(/^[0-9]{6}$/, 'must be six digits from 0 to 9');

const sessionId = validate(
  'param',
  z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/) }),
);

/** Paths and bodies of the sign-in are better-auth's own. */
export const sessions = new Hono<Env>()
  .post(
    '/auth/phone-number/send-otp',
    validate('json', z.strictObject({ phoneNumber })),
    async (c) => {
      await sendCode(c, c.req.valid('json').phoneNumber);
      return c.json({ status: true }, 200);
    },
  )
  .post(
    '/auth/phone-number/verify',
    validate('json', z.strictObject({ phoneNumber, code })),
    async (c) => {
      const given = c.req.valid('json');
      await verifyCode(c, given.phoneNumber, given.code);
      return c.json({ status: true }, 200);
    },
  )
  .post('/auth/two-factor/enable', async (c) => c.json(await enrolSecondFactor(c), 200))
  .post('/auth/two-factor/verify-totp', validate('json', z.strictObject({ code })), async (c) => {
    await passSecondFactor(c, c.req.valid('json').code);
    return c.json({ status: true }, 200);
  })
  .post('/auth/sign-out', async (c) => {
    await signOut(c);
    return c.json({ status: true }, 200);
  })
  .get('/session', async (c) => c.json(await describeSession(c), 200))
  .get('/me/sessions', async (c) => c.json({ sessions: await listSessions(c) }, 200))
  .delete('/me/sessions', async (c) => c.json(await endOtherSessions(c, null), 200))
  .delete('/me/sessions/:id', sessionId, async (c) =>
    c.json(await endOtherSessions(c, c.req.valid('param').id), 200),
  )
  .post('/session/revocation', async (c) => {
    await signOutEverywhere(c);
    return c.json({ status: true }, 200);
  });
