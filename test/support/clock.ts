import type { Sql } from '../../db/client.ts';

/**
 * Stops this database's `clock()` at an instant (ISO 8601), or with null lets it run again. The function keeps its
 * identity, so everything that calls it sees the change, in every session, from its next statement on.
 */
export async function setClock(sql: Sql, at: string | null): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`
      create table if not exists public.test_clock
        (only_row boolean primary key default true check (only_row), at timestamptz)`;
    await tx`lock table public.test_clock in exclusive mode`;
    await tx`
      insert into public.test_clock (at) values (${at}::timestamptz)
      on conflict (only_row) do update set at = excluded.at`;
    const [replaced] = await tx`select to_regprocedure('public.real_clock()') is not null as done`;
    if (replaced?.['done'] === true) return;
    const [real] = await tx<{ definition: string; volatility: string }[]>`
      select pg_get_functiondef(oid) as definition,
        case provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end as volatility
      from pg_proc where oid = 'public.clock()'::regprocedure`;
    if (!real) throw new Error('This database has no clock().');
    await tx.unsafe(real.definition.replace('public.clock()', 'public.real_clock()'));
    await tx.unsafe(`
      create or replace function public.clock() returns timestamptz language sql ${real.volatility}
      return coalesce((select at from public.test_clock), public.real_clock())`);
  });
}

/** Moves a stopped clock on (or back, with a negative interval such as '-1 second'). */
export async function moveClock(sql: Sql, interval: string): Promise<void> {
  await sql`update public.test_clock set at = at + ${interval}::interval`;
}
