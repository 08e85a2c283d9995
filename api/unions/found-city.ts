import type { Sql } from '../../db/client.ts';

export type FoundingDistrict = { code: string; nameZh: string; nameEn: string };

/** Gives an empty installation its city union and its districts. Where there is any union it changes nothing. */
export function foundCity(sql: Sql, districts: FoundingDistrict[]): Promise<boolean> {
  return sql.begin(async (tx) => {
    await tx`lock table trade_union in exclusive mode`;
    const [city] = await tx<{ id: number }[]>`
      insert into trade_union (kind, level, name_zh, name_en)
      select 'city', 1, '北京市总工会', 'Beijing Federation of Trade Unions'
      where not exists (select from trade_union)
      returning id`;
    if (!city) return false;
    await tx`
      insert into trade_union (parent_id, kind, level, district_code, name_zh, name_en)
      select ${city.id}, 'district', 2, d.code, d."nameZh" || '总工会', d."nameEn" || ' District Union'
      from jsonb_to_recordset(${tx.json(districts)}) as d (code text, "nameZh" text, "nameEn" text)`;
    return true;
  });
}
