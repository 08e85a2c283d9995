import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';

/** Seconds to wait; 0 when the code may be sent. See send_code(). */
export async function allowCode(
  sql: Sql,
  code: { phoneHash: string; codeHash: string; addressHash: string },
  limits: { perPhone: number; perAddress: number },
): Promise<number> {
  const [row] = await sql<{ wait: number }[]>`
    select send_code(
      ${code.phoneHash}, ${code.codeHash}, ${code.addressHash}, ${limits.perPhone}, ${limits.perAddress}
    ) as wait`;
  return only(row).wait;
}

export async function tryCode(
  sql: Sql,
  phoneHash: string,
  codeHash: string,
): Promise<'accepted' | 'wrong' | 'void'> {
  const [row] = await sql<{ outcome: 'accepted' | 'wrong' | 'void' }[]>`
    select verify_code(${phoneHash}, ${codeHash}) as outcome`;
  return only(row).outcome;
}

/** Seconds to wait; 0 when the attempt may go on. See take_token(). */
export async function takeToken(
  sql: Sql,
  key: string,
  limit: number,
  windowSeconds: number,
): Promise<number> {
  const [row] = await sql<{ wait: number }[]>`
    select take_token(${key}, ${limit}, make_interval(secs => ${windowSeconds})) as wait`;
  return only(row).wait;
}

export async function beginSession(sql: Sql, userId: string, phoneHash: string): Promise<void> {
  await sql`select begin_session(${userId}, ${phoneHash})`;
}

/** False when the session that asks had ended itself; then nothing happened. */
export async function endSessions(sql: Sql, { userId, sessionAt }: Actor): Promise<boolean> {
  const ended = await sql`
    select end_sessions(u.id) from auth_user u
    where u.id = ${userId}
      and session_counts(u, ${sessionAt}::timestamptz)`;
  return ended.length > 0;
}

export type SessionView = {
  id: string;
  /** What it signed in with, as far as that could be told. */
  device: string | null;
  beganAt: string;
  seenAt: string;
  secondFactorAt: string | null;
  /** The one that asks. */
  isThis: boolean;
};

export async function readSessions(sql: Sql, { userId, sessionAt }: Actor): Promise<SessionView[]> {
  return sql<SessionView[]>`
    select s.id, nullif(s.user_agent, '') as device, iso(s.created_at) as "beganAt", iso(s.updated_at) as "seenAt",
      iso(s.second_factor_at) as "secondFactorAt", s.created_at = ${sessionAt}::timestamptz as "isThis"
    from auth_user u join auth_session s on s.user_id = u.id
    where u.id = ${userId} and session_counts(u, ${sessionAt}::timestamptz)
      and s.expires_at > clock() and session_counts(u, s.created_at)
    order by s.updated_at desc, s.id`;
}

/** How many ended; null when the session that asks had ended itself. See end_some_sessions(). */
export async function endSome(
  sql: Sql,
  { userId, sessionAt }: Actor,
  id: string | null,
): Promise<number | null> {
  const [row] = await sql<{ ended: number }[]>`
    select end_some_sessions(u.id, ${id}, ${sessionAt}) as ended from auth_user u
    where u.id = ${userId} and session_counts(u, ${sessionAt}::timestamptz)`;
  return row?.ended ?? null;
}

export async function readSessionInstant(sql: Sql, userId: string): Promise<Date> {
  const [row] = await sql<{ at: Date }[]>`select session_instant(${userId}) as at`;
  return only(row).at;
}

/** Keeps a new secret where none is confirmed. `account` names the caller's highest office, null without any. */
export async function keepSecret(
  sql: Sql,
  userId: string,
  cipher: string,
): Promise<{ account: string | null; done: boolean }> {
  const [row] = await sql<{ account: string | null; done: boolean }[]>`
    with office as (
      select t.name_zh from officer f join trade_union t on t.id = f.union_id
      where f.user_id = ${userId} and f.suspended_at is null
      order by t.level, t.id limit 1
    ), kept as (
      insert into second_factor as s (user_id, secret_cipher) select ${userId}, ${cipher} from office
      on conflict (user_id) do update set secret_cipher = excluded.secret_cipher
      where s.confirmed_at is null
      returning true
    )
    select (select name_zh from office) as account, exists (select from kept) as done`;
  return only(row);
}

export type StoredSecret = { cipher: string; lastStep: number; epoch: number };

/** The secret, the newest step it was used for, and what time it is. */
export async function readSecret(sql: Sql, userId: string): Promise<StoredSecret | null> {
  const [row] = await sql<StoredSecret[]>`
    select secret_cipher as cipher, last_step as "lastStep",
      extract(epoch from clock())::double precision as epoch
    from second_factor where user_id = ${userId}`;
  return row ?? null;
}

/** See pass_second_factor(). */
export async function acceptStep(
  sql: Sql,
  use: { userId: string; token: string; cipher: string; step: number },
): Promise<boolean> {
  const [row] = await sql<{ passed: boolean }[]>`
    select pass_second_factor(${use.userId}, ${use.token}, ${use.cipher}, ${use.step}) as passed`;
  return only(row).passed;
}

function only<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error('A function answered no row.');
  return row;
}
