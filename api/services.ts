import { orm, type Sql } from '../db/client.ts';
import type { Config } from './config.ts';
import type { Services } from './context.ts';
import { KeyRing } from './passes/keys.ts';
import { AttemptLimiter } from './scans/attempts.ts';
import { smsTransport } from './sessions/sms.ts';

/** What a process or an isolate keeps between requests; none of it holds a connection. */
export type Lasting = Pick<Services, 'config' | 'keys' | 'attempts' | 'sms' | 'log'>;

export function lasting(config: Config, log: Services['log']): Lasting {
  return {
    config,
    log,
    keys: new KeyRing(config.secret),
    attempts: new AttemptLimiter(),
    sms: smsTransport(config),
  };
}

/** Everything a request needs, on this pool. */
export function services(
  kept: Lasting,
  sql: Sql,
  after: Services['after'],
  address?: string,
): Services {
  return { ...kept, sql, db: orm(sql), after, ...(address !== undefined && { address }) };
}
