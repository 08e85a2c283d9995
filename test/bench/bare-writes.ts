import { randomInt } from 'node:crypto';
import type { Sql } from '../../db/client.ts';
import { idIn } from '../support/city.ts';
import type { Holder, Till } from './till.ts';

export type BareWrite = Record<string, string | number>;

/**
 * What a redemption costs when nothing is asked and nothing can be wrong: insert the redemption, insert the transfer,
 * update a counter that nobody else updates. One statement and one transaction for as many as are given.
 */
export async function writeBare(sql: Sql, rows: readonly BareWrite[]): Promise<void> {
  await sql`
    with w as materialized (
      select * from jsonb_to_recordset(${sql.json(rows)}) as x(
        cell smallint, id uuid, member bigint, card bigint, jti bigint, benefit int, outlet int,
        operator int, pool int, payer int, payee int, creditor int, at timestamptz
      )
    ),
    r as (
      insert into redemption (cell, id, member_id, card_number, jti, benefit_id, outlet_id,
        operator_id, allocation_id, quantity, member_left, price_fen, at, booked_at)
      select cell, id, member, card, jti, benefit, outlet, operator, pool, 1, 0, 100, at, at from w
    ),
    t as (
      insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen,
        at)
      select cell, id, 'redemption', 1, payer, payee, creditor, 100, at from w
    )
    update allocation a set used = used + taken.units
    from (select pool, count(*) as units from w group by pool) taken where a.id = taken.pool`;
}

export type ColdPool = {
  benefit: number;
  pool: number;
  payer: number;
  payee: number;
  creditor: number;
};

/** Counters enough for each writer to have one, so that none waits for another. */
export async function coldPools(sql: Sql, { benefits, partner }: Till): Promise<ColdPool[]> {
  return sql<ColdPool[]>`
    select a.benefit_id as benefit, a.id as pool, payer.id as payer,
      payee.id as payee, p.union_id as creditor
    from allocation a
    join account payer on payer.union_id = a.union_id and payer.kind = 'budget'
    join partner p on p.id = ${partner}
    join account payee on payee.partner_id = p.id and payee.kind = 'payable'
    where a.benefit_id = any (${benefits}) order by a.benefit_id, a.id`;
}

export function bareWrite(till: Till, cold: ColdPool, holder: Holder): BareWrite {
  const { outlet, operator } = till;
  const id = idIn(holder.cell);
  const at = new Date().toISOString();
  return { ...cold, ...holder, id, jti: randomInt(2 ** 40), outlet, operator, at };
}
