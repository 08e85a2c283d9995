import { readConfig } from '../../api/config.ts';
import { serve } from '../../api/node/serve.ts';
import { Shutdown } from '../../api/node/shutdown.ts';
import { freePort } from '../../api/node/wrangler.ts';
import { ensureKey } from '../../api/passes/rotate.ts';
import { type CityOptions, seedDemoCity } from '../../db/seed/city.ts';
import { demoPeople } from '../../db/seed/people.ts';
import type { BrowserContext } from 'playwright-core';
import { testSecret } from './app.ts';
import { setClock } from './clock.ts';
import type { TestDatabase } from './database.ts';

export type Site = { origin: string; stop: () => Promise<void> };

/** The product as `npm start` runs it, demo city and pages included, on this test's own database. */
export async function startSite(
  { url, sql }: TestDatabase,
  options: Pick<CityOptions, 'members' | 'redemptions'> = {},
): Promise<Site> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const config = readConfig(
    { PORT: String(port), ORIGIN: origin, TONGKA_SECRET: testSecret, LOG_LEVEL: 'error' },
    { needs: [] },
  );
  await ensureKey({ sql, config });
  await seedDemoCity(sql, { ...options, secret: config.secret });
  const shutdown = new Shutdown();
  await serve({ config, database: { url }, tls: null, hasPages: true, shutdown });
  return { origin, stop: () => shutdown.run() };
}

/**
 * Stops the database's clock ten seconds into the current minute: phones take their time from it when they load, and
 * no pass runs out between a screenshot and its scan, however slow the machine.
 */
export async function stopAtFreshMinute({ sql }: TestDatabase): Promise<void> {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  await setClock(sql, new Date(minute + 10_000).toISOString());
}

export function phoneOf(key: string): string {
  const person = demoPeople.find((one) => one.key === key);
  if (person === undefined) throw new Error(`Nobody in the demo city is ${key}.`);
  return person.phone;
}

/** Signs this browser in as one of the demo's people, with a code that was really sent. */
export async function signIn(phone: BrowserContext, origin: string, key: string): Promise<void> {
  const phoneNumber = phoneOf(key);
  const post = async (path: string, data: object): Promise<unknown> => {
    const answer = await phone.request.post(path, { data, headers: { Origin: origin } });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  await post('/api/auth/phone-number/send-otp', { phoneNumber });
  const { code } = (await post('/api/demo/code', { phone: phoneNumber })) as { code: string };
  await post('/api/auth/phone-number/verify', { phoneNumber, code });
}
