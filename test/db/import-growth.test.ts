// Risk: the end of a dry run compares each row with each, because the planner knows former imports only and takes a new one
// for a single row: ten thousand people take half a minute, a million never come to an end.
import { expect, test } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { buildCity } from '../support/city.ts';
import { createOriginal } from '../support/original.ts';
import { without } from '../support/vary.ts';

const few = 500;
const many = 8 * few;

const { filled, undone } = await createOriginal(async (sql) => {
  const { unions } = await buildCity(sql);
  const [row] = await sql<{ id: string }[]>`insert into auth_user (id, name, email, email_verified)
    values ('clerk', '', 'clerk@m.invalid', false) returning id`;
  const begin = async (rows: number) => {
    const id = uuidv7();
    await sql`
      insert into member_import (id, union_id, user_id, file_name, bytes, state, is_complete, created_at)
      values (${id}, ${unions.home}, ${row?.id ?? ''}, 'x.csv', 1, 'checking', true, clock())`;
    await sql`
      insert into member_import_row (import_id, row, verdict, is_known, member_id, union_id, name, phone_hash, id_hash)
      select ${id}, n, 'new', false, n, ${unions.homeEnterprise}, '员工' || n, md5('p' || n), md5('i' || n)
      from generate_series(1, ${rows}::int) n`;
    return id;
  };
  // What the planner knows: one import of long ago.
  await begin(few);
  await sql`analyze`;
  await sql`alter table member_import_row set (autovacuum_enabled = false)`;
  return { few: await begin(few), many: await begin(many) };
});

/** Seconds of the fastest of some dry runs' ends. */
async function fastest(id: string): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await undone(async (sql) => {
      const from = performance.now();
      await sql`select finish_check(${id}::uuid)`;
      all.push(performance.now() - from);
    });
  }
  return Math.min(...all);
}

const growth = async (): Promise<number> =>
  (await fastest(filled.many)) / (await fastest(filled.few));

test('eight times the rows take about eight times as long, and not sixty-four', async () => {
  expect(await growth()).toBeLessThan(24);
});

test('joined with themselves they take far more', async () => {
  const joined = `) g
    join member_import_row o on o.import_id = p_import and o.row + 0 = g.row
    where g.is_again or o.row < 0`;
  await undone((sql) =>
    without(sql, 'finish_check', [[') g\n    where g.is_again', joined]], async () => {
      const end = async (id: string) => {
        const from = performance.now();
        await sql`savepoint before`;
        await sql`select finish_check(${id}::uuid)`;
        await sql`rollback to before`;
        return performance.now() - from;
      };
      await end(filled.few);
      expect((await end(filled.many)) / (await end(filled.few))).toBeGreaterThan(24);
    }),
  );
});
