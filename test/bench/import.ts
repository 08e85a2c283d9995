import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { uuidv7 } from 'uuidv7';
import { lasting, services } from '../../api/services.ts';
import { createApp } from '../support/app.ts';
import { connect, type Sql } from '../../db/client.ts';
import { partBytes } from '../../api/imports/files.ts';
import { nodeBulk } from '../../api/node/bulk.ts';
import { work } from '../../api/imports/work.ts';
import { figure, print } from './figure.ts';
import type { Ground } from './ground.ts';
import { digestOf, idNumberOf } from '../support/roster.ts';
void [lasting, services, createHash];

const rowsDefault = 200_000;
const goal = { atLeast: 0.5 };

/**
 * `npm run bench import`: a union takes in a file of members over the API's own path — upload in sealed parts, reading,
 * hashing and sealing of every number, dry run, commit — beside a bare COPY of the same finished rows into the same
 * tables with their indexes. TONGKA_BENCH_ROWS sets how many.
 */
export async function importing(ground: Ground): Promise<void> {
  const rows = rowsDefault;
  const sql = connect(ground.url);
  const app = createApp(sql, { config: { secret: ground.config.secret } });
  const all = { ...app.services, bulk: nodeBulk(ground.config.secret), after: () => {} };
  const [city] = await sql<{ id: number; unit: string }[]>`
    select (select id from trade_union where level = 1) as id,
      (select name_zh from trade_union where level = 4 group by name_zh having count(*) = 1 limit 1) as unit`;
  if (!city) throw new Error('The city is empty.');
  const officer = await app.signIn('+8613900000001');
  await sql`insert into officer (user_id, union_id, role) values (${officer.userId}, ${city.id}, 'administrator')`;
  await officer.passSecondFactor();
  const bytes = fileOf(rows, city.unit);

  const idle = process.memoryUsage().rss;
  let peak = idle;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const id = uuidv7();
  const step = async (name: string, run: () => Promise<unknown>) => {
    const from = performance.now();
    await run();
    const seconds = (performance.now() - from) / 1000;
    figure(`import ${name}`, seconds, 's');
    return seconds;
  };
  const ok = async (asked: Promise<Response>) => {
    const answer = await asked;
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as { table: { guess: unknown } | null; counts: { new?: number } };
  };
  let guess: unknown;
  const upload = await step('upload', async () => {
    await ok(
      officer.put(`/api/imports/${id}`, { unionId: city.id, fileName: 'x', bytes: bytes.length }),
    );
    for (let n = 0; n * partBytes < bytes.length; n++) {
      await ok(
        officer.sendBytes(
          `/api/imports/${id}/parts/${n}`,
          bytes.subarray(n * partBytes, (n + 1) * partBytes),
        ),
      );
    }
    guess = (await ok(officer.post(`/api/imports/${id}/upload`, { digest: digestOf(bytes) }))).table
      ?.guess;
  });
  const check = await step('dry run', async () => {
    await ok(officer.post(`/api/imports/${id}/check`, { columns: guess, isComplete: false }));
    await work(all, id);
  });
  const commit = await step('commit', async () => {
    await ok(officer.post(`/api/imports/${id}/commit`, {}));
    await work(all, id);
  });
  clearInterval(watch);
  const done = await ok(officer.get(`/api/imports/${id}`));
  if (done.counts.new !== rows) throw new Error(`Taken in: ${JSON.stringify(done.counts)}`);
  figure('import memory', (peak - idle) / 2 ** 20, 'MiB over idle');

  const copied = await copyAgain(sql, id);
  figure('import bare COPY', copied, 's');
  figure('import', rows / (upload + check + commit), 'rows/s');
  figure('import ÷ COPY', copied / (upload + check + commit), '×', goal);
  print(`import: ${rows} rows, ${Math.round(bytes.length / 2 ** 20)} MiB`);
  await sql.end();
}

function fileOf(rows: number, unit: string): Uint8Array {
  const lines = ['姓名,手机号,身份证号,单位工会,标签,家庭人数'];
  for (let i = 0; i < rows; i++) {
    const day = new Date(Date.UTC(1960, 0, 1) + (i % 15_000) * 86_400_000)
      .toISOString()
      .slice(0, 10);
    const id = idNumberOf(Math.floor(i / 15_000), day.replaceAll('-', ''));
    lines.push(`会员${i},188${String(i).padStart(8, '0')},${id},${unit},亲子,3`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The rows that the import made, taken out and copied in again. */
async function copyAgain(sql: Sql, id: string): Promise<number> {
  const made = `(select member_id from member_import_row where import_id = '${id}')`;
  const texts: Buffer[][] = [];
  const columns = {
    member:
      'cell, id, name, phone_hash, phone_cipher, id_hash, id_cipher, born_on, family_size, tags, created_at',
    affiliation: 'cell, member_id, union_id, started_at',
  };
  for (const [table, key] of [
    ['member', 'id'],
    ['affiliation', 'member_id'],
  ] as const) {
    const out = await sql
      .unsafe(`copy (select ${columns[table]} from ${table} where ${key} in ${made}) to stdout`)
      .readable();
    const pieces: Buffer[] = [];
    for await (const piece of out) pieces.push(piece as Buffer);
    texts.push(pieces);
  }
  await sql
    .unsafe(
      `
    set statement_timeout = 0;
    delete from affiliation where member_id in ${made};
    delete from member where id in ${made};
    vacuum`,
    )
    .catch(async () => {
      await sql.begin(async (tx) => {
        await tx.unsafe(
          `set local statement_timeout = 0; delete from affiliation where member_id in ${made}; delete from member where id in ${made}`,
        );
      });
    });
  const from = performance.now();
  await sql.begin(async (tx) => {
    await tx.unsafe('set local statement_timeout = 0');
    for (const [i, table] of (['member', 'affiliation'] as const).entries()) {
      const into = await tx.unsafe(`copy ${table} (${columns[table]}) from stdin`).writable();
      await pipeline(Readable.from(texts[i] ?? []), into);
    }
  });
  return (performance.now() - from) / 1000;
}
