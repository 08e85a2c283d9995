import { Hono } from 'hono';
import { etag } from 'hono/etag';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { instant, text, validate } from '../validate.ts';
import { enrol } from './enrol.ts';
import { listEvents } from './events.ts';
import { lose } from './lose.ts';
import { givePhoneSecret, phoneHash } from './phone.ts';
import { show } from './show.ts';

export const cards = new Hono<Env>()
  .post(
    '/me/card/enrolment',
    validate(
      'json',
      z.strictObject({ phoneLabel: text(40), takeover: z.boolean().default(false) }),
    ),
    async (c) => {
      const { enrolledAt, isNew } = await enrol(c, {
        ...c.req.valid('json'),
        phoneHash: await givePhoneSecret(c),
      });
      return c.json({ enrolledAt }, isNew ? 201 : 200);
    },
  )
  .post('/me/card/loss', async (c) => c.json(await lose(c), 200))
  .get('/me/passes', async (c) => c.json(await show(c, await phoneHash(c)), 200))
  .get(
    '/me/events',
    etag(),
    validate('query', z.strictObject({ after: instant.optional() })),
    async (c) => {
      c.header('Cache-Control', 'private, no-cache');
      return c.json(await listEvents(c, await phoneHash(c), c.req.valid('query').after), 200);
    },
  );
