// Risk: a draw favours somebody: by more than his weight, by when he came, or by who drew.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { chancesOf } from '../../api/claims/fairness.ts';
import type { Sql } from '../../db/client.ts';
import { recompute } from '../../web/src/lib/draw/recompute.ts';
import { buildCity } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { addEntrants, enter, type Entrant } from '../support/entries.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
// All that the lot depends on is fixed, so that a run is as the last one.
const secret = 'a1'.repeat(32);
const number = '03 11 17 20 25 31 + 08';
const prizes = 1000;

/** What three, or four, classes exceed by chance once in a thousand draws. */
const chiSquareMax = { 2: -2 * Math.log(0.001), 3: 16.266 };

const chiSquare = (found: number[], wanted: number[]) =>
  found.reduce((sum, one, i) => {
    const mean = wanted[i] ?? 0;
    return sum + (one - mean) ** 2 / mean;
  }, 0);

await setClock(sql, '2026-11-24T10:00:00+08:00');
const benefit = await city.addBenefit({ limit: [1, 'total'] });
await city.letClaim(benefit, {
  ...{ kind: 'draw', opensAt: '2026-11-22T00:00:00+08:00', closesAt: '2026-11-24T09:00:00+08:00' },
});
await city.addSession(benefit, { cap: 400, startsAt: null });
await city.addSession(benefit, { cap: 600, startsAt: null });
await city.addDraw(benefit, secret, { tags: { model_worker: 1, hardship: 4 } });
// Five thousand of weight 1, three thousand of 2, two thousand of 5, mixed.
const tags = Array.from({ length: 10_000 }, (_, i) =>
  i % 10 < 5 ? [] : i % 10 < 8 ? ['model_worker'] : ['hardship'],
);
const entrants = await addEntrants(sql, city, 'chances', tags);

afterAll(() => setClock(sql, null));

type Drawn = { claim: string; weight: number; pseudonym: string; session: number | null };

/** The order that comes of these entries, made one after the other; nothing of it stays. */
async function draw(inOrder: readonly Entrant[]): Promise<{ list: string; drawn: Drawn[] }> {
  let found: { list: string; drawn: Drawn[] } | undefined;
  const undone = new Error('undone');
  await sql
    .begin(async (tx) => {
      // The statements of this transaction are checked by what they answer, not by how busy the machine is.
      await tx`set local statement_timeout = 0`;
      await enter(tx as unknown as Sql, city, benefit, inOrder);
      // As autovacuum does with a table that has grown; nobody else sees these rows.
      await tx`analyze claim`;
      await tx`select close_draw(${benefit})`;
      await tx`analyze draw_entry`;
      expect(await tx`select run_draw(${benefit}, ${number}) as outcome`).toEqual([
        { outcome: 'drawn' },
      ]);
      const [listed] = await tx<{ list: string }[]>`select draw_list(${benefit}) as list`;
      const drawn = await tx<Drawn[]>`
        select e.claim_id as claim, e.weight, e.pseudonym, c.session_id as session
        from draw_entry e join claim c on c.cell = e.cell and c.id = e.claim_id
        where e.benefit_id = ${benefit} order by e.place`;
      expect(await tx`select * from consistency()`).toEqual([]);
      found = { list: listed?.list ?? '', drawn: [...drawn] };
      throw undone;
    })
    .catch((thrown: unknown) => {
      if (thrown !== undone) throw thrown;
    });
  if (!found) throw new Error('Nothing was drawn.');
  return found;
}

const first = await draw(entrants);
const winners = first.drawn.slice(0, prizes);

test('of ten thousand entries as many of each weight win as a lot by weights draws', () => {
  const counts = [1, 2, 5].map((weight) => ({
    weight,
    entries: first.drawn.filter((one) => one.weight === weight).length,
    won: winners.filter((one) => one.weight === weight).length,
  }));
  expect(counts.map(({ entries }) => entries)).toEqual([5000, 3000, 2000]);
  const wanted = chancesOf(counts).map(({ expected }) => expected);
  expect(wanted.reduce((sum, one) => sum + one, 0)).toBeCloseTo(prizes, 6);
  const found = counts.map(({ won }) => won);
  expect(chiSquare(found, wanted), `${found.join()} of ${wanted.join()}`).toBeLessThan(
    chiSquareMax[2],
  );
  // The bound tells apart: a lot that forgot the weights would not be within it.
  expect(chiSquare([500, 300, 200], wanted)).toBeGreaterThan(chiSquareMax[2]);
});

test('who came early wins as often as who came late', () => {
  const came = new Map(entrants.map(({ claim }, i) => [claim, i]));
  const quarters = [0, 0, 0, 0];
  for (const { claim } of winners) {
    const quarter = Math.floor((came.get(claim) ?? 0) / 2500);
    quarters[quarter] = (quarters[quarter] ?? 0) + 1;
  }
  const wanted = quarters.map(() => prizes / 4);
  expect(chiSquare(quarters, wanted), quarters.join()).toBeLessThan(chiSquareMax[3]);
});

test(
  'the same entries made in another order have the same list and the same result',
  { timeout: 60_000 },
  async () => {
    const again = await draw(entrants.toReversed());
    expect(again).toEqual(first);
  },
);

test('anybody who does the ten thousand again finds the same order, and the prizes in it', async () => {
  const [told] = await sql<{ commitment: string }[]>`
    select commitment from draw where benefit_id = ${benefit}`;
  const said = { commitment: told?.commitment ?? '', listHash: '', secret, number, seed: '' };
  const { order } = await recompute(first.list, said);
  expect(order).toEqual(first.drawn.map(({ pseudonym }) => pseudonym));
  const given = winners.map(({ session }) => session);
  expect(given).toEqual(given.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  expect(first.drawn.slice(prizes).every(({ session }) => session === null)).toBe(true);
});

test('the program of the README, on the downloaded list, says the same', async () => {
  const [, program] =
    /```js\n(\/\/ node draw\.mjs[\s\S]*?)```/.exec(await readFile('README.md', 'utf8')) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'tongka-draw-'));
  try {
    await writeFile(join(folder, 'draw.mjs'), program ?? '');
    await writeFile(join(folder, 'list.txt'), first.list);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'draw.mjs'), join(folder, 'list.txt'), secret, number],
      { maxBuffer: 10_000_000 },
    );
    const [, , , ...order] = stdout.trim().split('\n');
    expect(order).toEqual(first.drawn.map(({ pseudonym }, i) => `${i + 1} ${pseudonym}`));
    expect(stdout.split('\n')[0]).toBe(
      `commitment ${createHash('sha256').update(Buffer.from(secret, 'hex')).digest('hex')}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the expected share of a weight is what many small lots come to', async () => {
  const list = [1, 1, 1, 1, 4, 4]
    .map((weight, i) => `${String(i).repeat(20)},${weight}\n`)
    .join('');
  const rounds = 2000;
  let heavy = 0;
  for (let round = 0; round < rounds; round++) {
    const said = { commitment: '', listHash: '', secret, number: String(round), seed: '' };
    const { order } = await recompute(list, said);
    heavy += order.slice(0, 2).filter((pseudonym) => /^[45]/.test(pseudonym)).length;
  }
  // Of two drawn by weights 1,1,1,1,4,4: the first is heavy in 8/12, and then the second in 4/8, else in 8/11.
  const exact = 8 / 12 + (8 / 12) * (4 / 8) + (4 / 12) * (8 / 11);
  expect(Math.abs(heavy / rounds - exact)).toBeLessThan((4 * 0.7) / Math.sqrt(rounds));
  const [light, of4] = chancesOf([
    { weight: 1, entries: 4, won: 1 },
    { weight: 4, entries: 2, won: 1 },
  ]);
  expect((light?.expected ?? 0) + (of4?.expected ?? 0)).toBeCloseTo(2, 9);
  // It is exact for many entries; for six it is near.
  expect(Math.abs((of4?.expected ?? 0) - exact)).toBeLessThan(0.1);
});
