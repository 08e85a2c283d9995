import { Hono } from 'hono';
import { etag } from 'hono/etag';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { tagOf } from '../entity-tag.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { brief } from './brief.ts';
import { codeForm } from './code.ts';
import { invite } from './invite.ts';
import { deviceKey } from './key.ts';
import { renewLeases, returnLeases } from './lease.ts';
import { listDevices } from './list.ts';
import { pair } from './pair.ts';
import { revoke } from './revoke.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

export const devices = new Hono<Env>()
  .post(
    '/outlets/:id/pairings',
    id,
    validate('json', z.strictObject({ name: text(40) })),
    async (c) => c.json(await invite(c, c.req.valid('param').id, c.req.valid('json').name), 201),
  )
  .post(
    '/devices',
    validate(
      'json',
      z.strictObject({
        code: z.string().regex(codeForm, 'must be the code of a pairing'),
        publicKey: deviceKey,
      }),
    ),
    async (c) => {
      const { code, publicKey } = c.req.valid('json');
      return c.json(await pair(c, code, publicKey), 201);
    },
  )
  .get(
    '/devices',
    validate('query', z.strictObject({ union: numberInUrl().exactOptional() })),
    async (c) => c.json({ devices: await listDevices(c, c.req.valid('query').union) }, 200),
  )
  .post(
    '/devices/:id/revocation',
    id,
    validate('json', z.strictObject({ reason: text(200) })),
    async (c) => c.json(await revoke(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .get('/devices/:id/briefing', etag(), id, async (c) => {
    const briefing = await brief(c, c.req.valid('param').id);
    c.header('ETag', await tagOf({ ...briefing, serverTime: null }));
    c.header('Cache-Control', 'private, no-cache');
    return c.json(briefing, 200);
  })
  .post('/devices/:id/leases', id, async (c) =>
    c.json(await renewLeases(c, c.req.valid('param').id), 200),
  )
  .delete('/devices/:id/leases', id, async (c) =>
    c.json(await returnLeases(c, c.req.valid('param').id), 200),
  );
