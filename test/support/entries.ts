import { createHash } from 'node:crypto';
import type { Sql } from '../../db/client.ts';
import type { City } from './city.ts';

export type Entrant = { cell: number; member: number; claim: string; tags: string[] };

/** Members with these tags and the ids of their entries, the same ones for the same seed; in one statement. */
export async function addEntrants(
  sql: Sql,
  city: City,
  seed: string,
  tags: readonly string[][],
): Promise<Entrant[]> {
  const entrants = tags.map((own, i) => entrant(`${seed} ${i}`, own));
  const rows = entrants.map(({ member, cell, ...one }) => ({
    ...{ cell, member, tags: one.tags },
    phone: createHash('sha256').update(String(member)).digest('hex'),
  }));
  await sql`
    with e as materialized (
      select * from jsonb_to_recordset(${sql.json(rows)})
        e (cell smallint, member bigint, tags text[], phone text)
    ), m as (
      insert into member (cell, id, name, phone_hash, phone_cipher, born_on, tags)
      select cell, member, '李小明', phone, '', '1990-06-15', tags from e
    )
    insert into affiliation (cell, member_id, union_id, started_at)
    select cell, member, ${city.unions.homeEnterprise}, '2020-01-01Z' from e`;
  return entrants;
}

/** Enters them in the draw of a benefit, one after the other. */
export async function enter(
  sql: Sql,
  city: City,
  benefit: number,
  entrants: readonly Entrant[],
): Promise<void> {
  await sql`
    insert into claim (cell, id, member_id, benefit_id, union_id, quantity, state, at, made_at,
      changed_at)
    select e.cell, e.claim, e.member, ${benefit}, ${city.unions.homeEnterprise}, 1, 'entered',
      clock(), clock(), clock()
    from jsonb_to_recordset(${sql.json(entrants)}) e (cell smallint, member bigint, claim uuid)`;
}

function entrant(seed: string, tags: string[]): Entrant {
  const bytes = createHash('sha256').update(seed).digest();
  const cell = bytes.readUInt8(0) & 63;
  bytes[15] = (bytes.readUInt8(15) & 0xc0) | cell;
  const hex = bytes.toString('hex', 0, 16);
  const claim = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  return { cell, member: bytes.readUIntBE(16, 5) * 64 + cell, claim, tags };
}
