import { orm, type Sql } from '../db/client.ts';
import type { Config } from './config.ts';
import type { Services } from './context.ts';
import { Misses } from './insights/misses.ts';
import { KeyRing } from './passes/keys.ts';
import { AttemptLimiter } from './scans/attempts.ts';
import { lazyAuth } from './sessions/auth.ts';
import { DemoSms } from './sessions/sms-demo.ts';
import { createSmsGateway } from './sessions/sms-gateway.ts';
import { VerifiedCookies } from './sessions/verified-cookies.ts';

/** What a process or an isolate keeps between requests; none of it holds a connection. */
export type Lasting = Pick<
  Services,
  'config' | 'keys' | 'cookies' | 'attempts' | 'misses' | 'sms' | 'log'
>;

export function lasting(config: Config, log: Services['log']): Lasting {
  return {
    config,
    log,
    keys: new KeyRing(config.secret),
    cookies: new VerifiedCookies(),
    attempts: new AttemptLimiter(),
    misses: new Misses(),
    sms: config.sms ? createSmsGateway(config.sms) : new DemoSms(),
  };
}

/** Everything a request needs, on this pool. */
export function services(
  kept: Lasting,
  sql: Sql,
  after: Services['after'],
  address?: string,
): Services {
  const db = orm(sql);
  const auth = lazyAuth({ config: kept.config, sql, db });
  return { ...kept, sql, db, auth, after, ...(address !== undefined && { address }) };
}
