import type { Config } from '../../api/config.ts';
import type { Sql } from '../../db/client.ts';
import { type Holder, Passes } from '../bench/till.ts';
import type { Caller } from '../support/caller.ts';
import { idIn } from '../support/city.ts';
import type { Order } from './put.ts';

export type Till = {
  cookie: string;
  outlet: number;
  partner: number;
  /** An order of each of these benefits, with the ticket that a scan just now would have given. */
  order: (benefits: readonly number[]) => Promise<Order[]>;
  /** A pass as the next member's phone shows it. */
  show: () => Promise<string>;
};

export type TillOptions = {
  sql: Sql;
  config: Config;
  /** Signs in one of the demo's people. */
  signIn: (key: string) => Promise<Caller>;
};

/** The operator of the demo's cinema, signed in over HTTP as any version lets him, before whom all members stand. */
export async function openTill({ sql, config, signIn }: TillOptions): Promise<Till> {
  const caller = await signIn('operator_cinema');
  const { body } = await caller.ask('GET', '/api/session');
  const { id: userId } = body['user'] as { id: string };
  const [place] = await sql<{ outlet: number; partner: number }[]>`
    select p.outlet_id as outlet, o.partner_id as partner
    from operator o join operator_outlet p on p.operator_id = o.id where o.user_id = ${userId}`;
  if (!place) throw new Error('The operator of the cinema has no outlet.');
  // Version 0.2.0 knew phones only, and had no column for it.
  const holders = await sql<Holder[]>`
    select c.cell, c.number as card, c.member_id as member from card c
    join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
    where c.status = 'live' and coalesce(to_jsonb(c) ->> 'kind', 'phone') = 'phone' order by c.number`;
  const passes = new Passes(sql, config, holders);
  const { outlet, partner } = place;
  const order = async (benefits: readonly number[]) => {
    const orders: Order[] = [];
    for (const benefit of benefits) {
      const { holder, claims } = await passes.claim();
      const ticket = await passes.ticket(claims, { userId, outlet });
      orders.push({ id: idIn(holder.cell), benefit, ticket });
    }
    return orders;
  };
  const show = async () => passes.show((await passes.claim()).claims);
  return { cookie: caller.cookie, outlet, partner, order, show };
}
