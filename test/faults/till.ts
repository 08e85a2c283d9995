import type { Config } from '../../api/config.ts';
import type { Sql } from '../../db/client.ts';
import { demoPeople } from '../../db/seed/people.ts';
import { type Holder, Passes } from '../bench/till.ts';
import { Caller } from '../support/caller.ts';
import { idIn } from '../support/city.ts';
import type { Order } from './put.ts';

export type Till = {
  cookie: string;
  outlet: number;
  partner: number;
  /** As many orders of this benefit, each from another pass just scanned. */
  order: (benefits: readonly number[]) => Promise<Order[]>;
  /** Passes as phones show them, with the id that their redemption is to have. */
  show: () => Promise<{ id: string; pass: string }>;
};

export type TillOptions = {
  sql: Sql;
  config: Config;
  /** The process to sign in at. */
  url: string;
  /** The codes that were sent, by phone. */
  codes: ReadonlyMap<string, string>;
};

/** The operator of the demo's cinema, signed in over HTTP as any version lets him, before whom all members stand. */
export async function openTill({ sql, config, url, codes }: TillOptions): Promise<Till> {
  const caller = new Caller({
    origin: url,
    fetch: (path, init) => fetch(`${url}${path}`, init),
    lastCode: (phone) => codes.get(phone),
  });
  await caller.signIn(demoPeople.find(({ key }) => key === 'operator_cinema')?.phone ?? '');
  const { body } = await caller.ask('GET', '/api/session');
  const { id: userId } = body['user'] as { id: string };
  const [place] = await sql<{ outlet: number; partner: number }[]>`
    select p.outlet_id as outlet, o.partner_id as partner
    from operator o join operator_outlet p on p.operator_id = o.id where o.user_id = ${userId}`;
  if (!place) throw new Error('The operator of the cinema has no outlet.');
  const holders = await sql<Holder[]>`
    select c.cell, c.number as card, c.member_id as member from card c
    join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
    where c.status = 'live' order by c.number`;
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
  const show = async () => {
    const { holder, claims } = await passes.claim();
    return { id: idIn(holder.cell), pass: await passes.show(claims) };
  };
  return { cookie: caller.cookie, outlet, partner, order, show };
}
