import { type SQL, sql } from 'drizzle-orm';

/** Anything with an id and a name in both languages: a union, a partner, an outlet. */
export type Named = { id: number; nameZh: string; nameEn: string };

/** The row under this alias as a `Named`. */
export const named = (alias: string): SQL => {
  const row = sql.identifier(alias);
  return sql`jsonb_build_object('id', ${row}.id, 'nameZh', ${row}.name_zh, 'nameEn', ${row}.name_en)`;
};
