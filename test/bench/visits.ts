import { randomInt } from 'node:crypto';
import type { Item } from '../../api/redemptions/item.ts';
import type { Sql } from '../../db/client.ts';
import { idIn } from '../support/city.ts';
import type { BareWrite } from './bare-writes.ts';

/** One member of a crowd at one counter, with what may be used there. */
export type Visit = {
  cell: number;
  card: number;
  member: number;
  memberUser: string;
  benefit: number;
  pool: number;
  payer: number;
  payee: number;
  creditor: number;
  outlet: number;
  operator: number;
  operatorUser: string;
  kid: number;
};

const earlyMs = 8_000;

/** Visits of members drawn by lot from all of the crowd: hardly one of them was here a moment ago. */
export async function drawVisits(sql: Sql, members: number, count: number): Promise<Visit[]> {
  const drawn = Array.from({ length: count }, () => randomInt(members));
  return sql<Visit[]>`
    select h.cell, h.card, h.member, left(h.name, 32) as "memberUser", pool.benefit_id as benefit,
      pool.id as pool, pool.payer_id as payer, place.payee_id as payee,
      place.creditor_id as creditor, place.outlet_id as outlet, o.id as operator, o.user_id as "operatorUser", (select max(kid) from signing_key) as kid
    from unnest(${drawn}::bigint[]) serial
    cross join crowd.holder(serial) h
    join crowd.employer e on e.n = h.employer
    join crowd.pool pool on pool.district_id = e.district_id and pool.n = serial / 64 % 8
    join crowd.place place on place.n = serial / 64 % (select count(*) from crowd.place)
    join operator o on o.id = place.operator_id
    order by random()`;
}

/** The pass that this member shows now. */
export function claimsOf({ card, kid }: Visit) {
  const minute = Math.floor((Date.now() + earlyMs) / 60_000);
  return { kid, card, jti: randomInt(2 ** 40), exp: (minute + 1) * 60 };
}

/** What redeem() is sent for it. */
export function itemOf(visit: Visit): Item {
  const { cell, benefit, outlet, operatorUser } = visit;
  const now = Date.now();
  const scannedAt = new Date(now).toISOString();
  const scanValidUntil = new Date(now + 300_000).toISOString();
  const by = { outlet, user: operatorUser, sessionAt: scannedAt };
  const what = { ...claimsOf(visit), cell, benefit, quantity: 1 };
  return { id: idIn(cell), ...what, ...by, scannedAt, scanValidUntil };
}

/** The rows that it ends in. */
export function bareWriteOf(visit: Visit): BareWrite {
  const { cell, card, member, benefit, pool, payer, payee, creditor, outlet, operator } = visit;
  const id = idIn(cell);
  const at = new Date().toISOString();
  const who = { cell, card, member, outlet, operator };
  return { ...who, id, benefit, pool, payer, payee, creditor, jti: randomInt(2 ** 40), at };
}
