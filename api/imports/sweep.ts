import { sql } from 'drizzle-orm';
import type { Services } from '../context.ts';

const rowsAtOnce = 20_000;

/**
 * Deletes what imports keep of persons once it serves nothing more: a day after they ended, or after nobody went on with
 * them. Answers how many rows went.
 */
export async function sweepImports({ db }: Services): Promise<number> {
  await db.execute(sql`
    update member_import set state = 'cancelled', ended_at = clock()
    where state in ('uploading', 'uploaded', 'checked', 'failed') and created_at < clock() - interval '1 day'`);
  const [row] = await db.execute<{ rows: number }>(sql`
    with
      over as materialized (
        select id from member_import
        where ended_at < clock() - interval '1 day' and state in ('done', 'undone', 'cancelled')
          and (exists (select from member_import_part p where p.import_id = id)
            or exists (select from member_import_row r where r.import_id = id)
            or exists (select from member_import_leaver l where l.import_id = id))
        order by id limit 1),
      part as (delete from member_import_part p using over where p.import_id = over.id returning 1),
      leaver as (delete from member_import_leaver l using over where l.import_id = over.id returning 1),
      line as (
        delete from member_import_row r using (
          select w.import_id, w.row from over join member_import_row w on w.import_id = over.id
          order by w.row limit ${rowsAtOnce}) w
        where r.import_id = w.import_id and r.row = w.row returning 1)
    select ((select count(*) from part) + (select count(*) from leaver) + (select count(*) from line))::int as rows`);
  return row?.rows ?? 0;
}
