import { createHash, randomInt } from 'node:crypto';
import type { Sql } from '../../db/client.ts';
import { type City, idIn } from './city.ts';

export type Entrant = { cell: number; member: number; claim: string; tags: string[] };

/** As many members as there are tags given, each with one entry in the draw of a benefit; in two statements. */
export async function enterMany(
  sql: Sql,
  city: City,
  benefit: number,
  tags: readonly string[][],
): Promise<Entrant[]> {
  const entrants = tags.map((own) => {
    const cell = randomInt(64);
    return { cell, member: randomInt(2 ** 46) * 64 + cell, claim: idIn(cell), tags: own };
  });
  await addEntrants(sql, city, entrants);
  await enter(sql, city, benefit, entrants);
  return entrants;
}

async function addEntrants(sql: Sql, city: City, entrants: readonly Entrant[]): Promise<void> {
  const rows = entrants.map(({ member, cell, tags }) => ({
    ...{ cell, member, tags },
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
}

/** Enters members in the draw of a benefit, in the order in which they are given. */
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
    from jsonb_to_recordset(${sql.json(entrants as never)}) e (cell smallint, member bigint, claim uuid)`;
}
