import { type SQL, sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { record, type Tx } from '../audit/record.ts';
import { phoneHash, sealPhone } from './personal-data.ts';
import { complain, type Complaint, type RosterRow } from './roster.ts';

export type Imported = { members: number; known: number; enterprises: number };

const rowsAtOnce = 1000;
const byCommand = 'command';

/** Undoes everything: one wrong row, and the roster is not taken in. */
class Refused extends Error {
  readonly complaints: Complaint[];

  constructor(complaints: Complaint[]) {
    super('The roster was refused.');
    this.complaints = complaints;
  }
}

/**
 * Takes in a roster, whole or not at all: people whose phone is not known yet become members of their enterprise union,
 * which is made where it is missing. Whoever is known stays as he is, also who had his data deleted. Rows keep the file's order.
 */
export async function importRoster(
  db: Orm,
  secret: string,
  rows: RosterRow[],
): Promise<Imported | Complaint[]> {
  try {
    return await db.transaction(async (tx) => {
      const enterprises = await placeEnterprises(tx, rows);
      let members = 0;
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        members += await insertMembers(tx, secret, rows.slice(from, from + rowsAtOnce));
      }
      const known = rows.length - members;
      await audit(tx, { members, known, enterprises });
      return { members, known, enterprises };
    });
  } catch (error) {
    if (error instanceof Refused) return error.complaints;
    throw error;
  }
}

const roster = (rows: RosterRow[]): SQL => sql`
  jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    as r (row int, district text, enterprise text, branch text)`;

/** Where the row's enterprise stands, or would: below its branch, else below its district. */
const place = sql`
  left join trade_union d on d.level = 2
    and (d.district_code = r.district or d.name_zh in (r.district, r.district || '总工会'))
  left join trade_union b on r.branch is not null and b.level = 3
    and b.district_id = d.id and b.name_zh = r.branch`;

async function placeEnterprises(tx: Tx, rows: RosterRow[]): Promise<number> {
  await tx.execute(sql`lock table trade_union in share row exclusive mode`);
  const wrong = await tx.execute<{ row: number; column: 'district' | 'branch' }>(sql`
    select r.row, case when d.id is null then 'district' else 'branch' end as column
    from ${roster(rows)} ${place}
    where d.id is null or (r.branch is not null and b.id is null) order by 1`);
  if (wrong.length > 0) throw new Refused(wrong.map(({ row, column }) => complain(row, column)));
  const made = await tx.execute(sql`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    select distinct coalesce(b.id, d.id), 'enterprise', 4, r.enterprise, r.enterprise
    from ${roster(rows)} ${place}
    where not exists (
      select from trade_union e
      where e.parent_id = coalesce(b.id, d.id) and e.level = 4 and e.name_zh = r.enterprise)
    returning id`);
  return made.length;
}

async function insertMembers(tx: Tx, secret: string, rows: RosterRow[]): Promise<number> {
  const people = await Promise.all(
    rows.map(async (row) => ({
      ...row,
      id: randomId(),
      hash: await phoneHash(secret, row.phone),
      cipher: Buffer.from(await sealPhone(secret, row.phone)).toString('hex'),
      phone: null,
    })),
  );
  const made = await tx.execute(sql`
    with
      r as materialized (
        select * from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as r (
          id bigint, name text, hash text, cipher text, "bornOn" date, tags jsonb,
          district text, enterprise text, branch text)),
      new as (
        insert into member (cell, id, name, phone_hash, phone_cipher, born_on, tags, created_at)
        select (id & 63)::smallint, id, name, hash, decode(cipher, 'hex'), "bornOn",
          array(select jsonb_array_elements_text(tags)), clock()
        from r
        where not exists (
          select from member g
          where g.erased_mark is not null and g.erased_mark = erased_mark(r.hash, r.name))
        order by id
        on conflict (phone_hash) do nothing
        returning cell, id)
    insert into affiliation (cell, member_id, union_id, started_at)
    select new.cell, new.id, e.id, clock()
    from new join r on r.id = new.id ${place}
    join trade_union e on e.parent_id = coalesce(b.id, d.id) and e.level = 4 and e.name_zh = r.enterprise
    returning member_id`);
  return made.length;
}

async function audit(tx: Tx, counts: Imported): Promise<void> {
  const [city] = await tx.execute<{ id: number }>(sql`
    select id from trade_union where level = 1 order by id limit 1`);
  if (!city) return;
  await record(tx, {
    userId: byCommand,
    unionId: city.id,
    action: 'members.import',
    subject: 'union',
    subjectId: city.id,
    reason: null,
    before: null,
    after: counts,
  });
}

/** 52 random bits; the lowest six are the member's cell. */
function randomId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 20) * 2 ** 32 + low;
}
