import type { Context } from 'hono';
import type { Actor } from './caller.ts';
import type { Config } from './config.ts';
import type { Orm, Sql } from '../db/client.ts';
import type { Misses } from './insights/misses.ts';
import type { KeyRing } from './passes/keys.ts';
import type { Auth } from './sessions/auth.ts';
import type { SmsTransport } from './sessions/sms.ts';
import type { VerifiedCookies } from './sessions/verified-cookies.ts';
import type { Bulk } from './members/bulk.ts';
import type { Batcher } from './batches/batcher.ts';
import type { ClaimItem, ClaimOutcome } from './claims/item.ts';
import type { Item, Outcome } from './redemptions/item.ts';
import type { AttemptLimiter } from './scans/attempts.ts';
import type { Log } from './log.ts';

/**
 * What a shell gives the app for one request, as Hono's bindings: Node makes it once, a Worker once a request. Nothing
 * of it is ever a module value, because an isolate outlives a request and a connection must not.
 */
export type Services = {
  config: Config;
  /** postgres.js, for the hot path: a tagged template is prepared, so it costs one trip. */
  sql: Sql;
  /** Drizzle over the same pool, for everything else. */
  db: Orm;
  keys: KeyRing;
  /** better-auth, made at its first use. */
  auth: () => Auth;
  sms: SmsTransport;
  cookies: VerifiedCookies;
  attempts: AttemptLimiter;
  misses: Misses;
  /** Hashes and seals many numbers at once, where the shell has something faster than WebCrypto. */
  bulk?: Bulk;
  /** Where a process serves many at once: their redemptions share statements. Absent, each has its own. */
  batcher?: Batcher<Item, Outcome>;
  /** Their claims likewise, apart from these: a drop keeps no counter waiting. */
  claims?: Batcher<ClaimItem, ClaimOutcome>;
  log: Log;
  /** The caller's address as the shell knows it; a forwarded header is believed only where the shell says so. */
  address?: string;
  /** Work that may finish after the answer (`waitUntil` on Workers). */
  after: (work: Promise<unknown>) => void;
};

export type Env = {
  Bindings: Services;
  Variables: { requestId: string; actor: Actor | null };
};

export type Ctx = Context<Env>;
