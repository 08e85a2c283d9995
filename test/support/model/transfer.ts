import type { Sql } from '../../../db/client.ts';
import type { City, Member } from '../city.ts';

/** A member goes to the city's other enterprise; what he claimed stays as it is. */
export async function transfer(by: Sql, city: City, { cell, id }: Member): Promise<void> {
  const { homeEnterprise, hostEnterprise } = city.unions;
  await by.begin(async (tx) => {
    await tx`select from member where cell = ${cell} and id = ${id} for no key update`;
    await tx`
      with gone as (
        update affiliation set ended_at = greatest(clock(), started_at + interval '1 microsecond'), end_reason = 'model'
        where cell = ${cell} and member_id = ${id} and ended_at is null
        returning union_id, ended_at
      )
      insert into affiliation (cell, member_id, union_id, started_at)
      select ${cell}, ${id},
        case union_id when ${homeEnterprise} then ${hostEnterprise}::int else ${homeEnterprise} end, ended_at
      from gone`;
  });
}
