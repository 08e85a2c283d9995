import type { Sql } from '../../db/client.ts';

export type Offer = {
  /** They never run out. */
  plenty: number[];
  /** It has `cap` places for everybody together. */
  scarce: number;
  cap: number;
};

const plentyCount = 4;
const unlimited = 1_000_000_000;

/** Benefits of the drill's own, given by this partner, so that nothing else is counted with them. */
export async function makeOffer(sql: Sql, partner: number, cap: number): Promise<Offer> {
  const plenty: number[] = [];
  for (let i = 0; i < plentyCount; i += 1) plenty.push(await addBenefit(sql, partner));
  await sql`
    insert into allocation (benefit_id, district_id, union_id, cap)
    select b, d.id, d.id, ${unlimited} from unnest(${plenty}::int[]) b, trade_union d
    where d.level = 2`;
  const scarce = await addBenefit(sql, partner);
  await sql`
    insert into allocation (benefit_id, union_id, cap)
    select ${scarce}::int, id, ${cap}::int from trade_union where level = 1`;
  return { plenty, scarce, cap };
}

async function addBenefit(sql: Sql, partner: number): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period)
      select id, 'cinema', '演练', 'Drill', '', '', 100, 100,
        clock() - interval '1 day', clock() + interval '1 day', 10000, 'day'
      from trade_union where level = 1 returning id
    ), admitted as (
      insert into benefit_partner (benefit_id, partner_id) select id, ${partner} from b
    )
    select id from b`;
  if (!row) throw new Error('No benefit was made.');
  return row.id;
}

/** Complains when somebody was refused a place that is free to this day (I2). */
export async function checkScarce(sql: Sql, { scarce, cap }: Offer, refused: number) {
  const [row] = await sql<{ used: number }[]>`
    select used from allocation where benefit_id = ${scarce}`;
  const free = cap - (row?.used ?? 0);
  return refused > 0 && free > 0 ? [`${refused} were refused, and ${free} places are free`] : [];
}
