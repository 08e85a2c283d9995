import type { Sql } from '../../db/client.ts';
import { idIn } from '../support/city.ts';
import { DevicePhone, type Entry } from '../support/device-phone.ts';
import { allowOffline } from '../support/offline.ts';
import type { Passes, Till } from './till.ts';
import { type Caller, requestOf, Wire } from './wire.ts';

/** A counter's phone with what it was lent, and its own connection to the server. */
export type Counter = {
  wire: Wire;
  phone: DevicePhone;
  leases: { id: number; benefit: number }[];
};

const unlimited = 1_000_000_000;
const benefitCount = 4;
const unitsMax = 10_000;

/** Benefits that may be redeemed at the till without a network, with shared places enough for any lease. */
export async function openOffline(sql: Sql, till: Till): Promise<number[]> {
  const benefits = await sql<{ id: number }[]>`
    with b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period)
      select id, 'cinema', '离线 ' || n, 'Offline ' || n, '', '', 100, 100,
        clock() - interval '1 day', clock() + interval '30 days', 10000, 'day'
      from trade_union, generate_series(1, ${benefitCount}) n where level = 1
      returning id, union_id
    ), admitted as (
      insert into benefit_partner (benefit_id, partner_id) select id, ${till.partner} from b
    ), pool as (
      insert into allocation (benefit_id, union_id, cap) select id, union_id, ${unlimited} from b
    )
    select id from b`;
  const terms = { units: unitsMax, hours: 72, cardUsesADay: 100, valueMaxFen: 100 };
  for (const { id } of benefits) {
    await allowOffline(sql, id, { ...terms, variancePayer: 'union' });
  }
  return benefits.map(({ id }) => id);
}

/** Counters at the till's outlet, each with a paired phone and its leases of these benefits. */
export async function openCounters(
  sql: Sql,
  till: Till,
  caller: Caller,
  benefits: readonly number[],
  count: number,
): Promise<Counter[]> {
  const counters: Counter[] = [];
  for (let i = 0; i < count; i += 1) {
    const wire = await Wire.open(caller.origin);
    const phone = await DevicePhone.make();
    phone.id = await pair(sql, till, phone);
    const request = requestOf(caller, 'POST', `/api/devices/${phone.id}/leases`, {});
    const { status, body } = await wire.ask(request);
    if (status !== 200) throw new Error(`No lease was given: ${status} ${body}`);
    const { leases } = JSON.parse(body) as Pick<Counter, 'leases'>;
    const wanted = leases.filter(({ benefit }) => benefits.includes(benefit));
    counters.push({ wire, phone, leases: wanted });
  }
  return counters;
}

async function pair(sql: Sql, till: Till, { publicKey }: DevicePhone): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
    values (${till.outlet}, '收银台', ${sql.json(publicKey)}, ${till.userId}, clock(), clock())
    returning id`;
  return row?.id ?? 0;
}

/** What the phone scans while it has no network: passes as members show them now, one benefit after the other. */
export async function scanOffline(
  { phone, leases }: Counter,
  passes: Passes,
  till: Till,
  count: number,
): Promise<Entry[]> {
  const made: Entry[] = [];
  for (let i = 0; i < count; i += 1) {
    const { holder, claims } = await passes.claim();
    const lease = leases[i % leases.length];
    if (!lease) throw new Error('Nothing was lent.');
    const now = new Date().toISOString();
    const entry = await phone.write({
      id: idIn(holder.cell),
      pass: await passes.show(claims),
      benefit: lease.benefit,
      quantity: 1,
      lease: lease.id,
      scannedAt: now,
      clockOffsetMs: 0,
      listAt: now,
      user: till.userId,
    });
    made.push(entry);
  }
  return made;
}
