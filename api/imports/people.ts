import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import type { Field, undoOutcomes } from '../../db/schema/imports.ts';
import { named, type Named } from '../unions/named.ts';
import { ownImport } from './own.ts';

/** Of whom one may be told: who leaves has no row; after an undo, who did not come back. */
export const groups = ['new', 'changed', 'leaving', 'notUndone'] as const;
export type Group = (typeof groups)[number];

export type Affected = {
  /** The number of the row; of one who leaves, the member. */
  key: number;
  name: string;
  unit: Named;
  /** Of one who is changed: what he is, or was, and which fields become others. */
  was: { name: string; unit: Named } | null;
  fields: Field[];
  /** Why an undo left the row, or the one who had left, alone. */
  undone: (typeof undoOutcomes)[number] | null;
};

/** Whom an import makes, changes or lets go, as its dry run found or as it was done; a page at a time. */
export async function listAffected(
  c: Ctx,
  id: string,
  { group, after, limit }: { group: Group; after: number; limit: number },
): Promise<{ people: Affected[]; next: number | null }> {
  const { unionId } = await ownImport(c, c.env.db, id);
  const rows = await c.env.db.execute<Affected>(
    group === 'leaving'
      ? sql`
        select m.id as key, name_within(m, ${unionId}::int) as name, ${named('u')} as unit, null as was, '[]'::jsonb as fields,
          case when i.state = 'undone' then 'changed_since' end as undone
        from member_import_leaver l
        join member_import i on i.id = l.import_id
        join member m on m.cell = (l.member_id & 63) and m.id = l.member_id
        join trade_union u on u.id = l.union_id
        where l.import_id = ${id} and l.member_id > ${after}::bigint
        order by l.member_id limit ${limit + 1}`
      : sql`
        select r.row as key, r.name, ${named('u')} as unit,
          case when b.unit_id is not null then jsonb_build_object('name', b.name, 'unit', ${named('w')}) end as was,
          case when b.unit_id is null then '[]' else to_jsonb(array_remove(array[
            case when b.name <> r.name then 'name' end,
            case when r.phone_hash <> coalesce(b.phone_hash, '') then 'phone' end,
            case when b.id_cipher is null and r.id_hash is not null then 'idNumber' end,
            case when b.unit_id <> r.union_id then 'unit' end,
            case when r.born_on is distinct from b.born_on and r.born_on is not null then 'bornOn' end,
            case when to_jsonb(r.tags) <> b.tags then 'tags' end,
            case when r.family_size <> b.family_size then 'familySize' end
          ], null)) end as fields,
          nullif(r.undone, 'undone') as undone
        from member_import_row r
        join trade_union u on u.id = r.union_id
        left join lateral (
          -- Of one who has gone elsewhere since the dry run nothing is told.
          select coalesce(r.before ->> 'name', m.name) as name,
            coalesce(r.before, jsonb_build_object('phoneHash', m.phone_hash)) ->> 'phoneHash' as phone_hash,
            coalesce(r.before, jsonb_build_object('idCipher', encode(m.id_cipher, 'hex'))) ->> 'idCipher' as id_cipher,
            (coalesce(r.before, jsonb_build_object('bornOn', m.born_on)) ->> 'bornOn')::date as born_on,
            coalesce(r.before -> 'tags', to_jsonb(m.tags)) as tags,
            coalesce((r.before ->> 'familySize')::smallint, m.family_size) as family_size,
            coalesce((r.before ->> 'unionId')::integer, a.union_id) as unit_id
          from member m
          left join (affiliation a join trade_union o on o.id = a.union_id and o.path @> array[${unionId}::int])
            on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
          where r.verdict = 'changed' and m.cell = (r.member_id & 63) and m.id = r.member_id
        ) b on true
        left join trade_union w on w.id = b.unit_id
        where r.import_id = ${id} and r.row > ${after}::bigint
          and ${group === 'notUndone' ? sql`r.undone <> 'undone'` : sql`r.verdict = ${group}`}
        order by r.row limit ${limit + 1}`,
  );
  const people = rows.slice(0, limit);
  return { people, next: rows.length > limit ? (people.at(-1)?.key ?? null) : null };
}
