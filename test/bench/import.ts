import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { uuidv7 } from 'uuidv7';
import { partBytes } from '../../api/imports/files.ts';
import type { ImportView } from '../../api/imports/view.ts';
import { nodeBulk } from '../../api/node/bulk.ts';
import { connect, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { type Browser, createApp } from '../support/app.ts';
import { answered, digestOf, idNumberOf } from '../support/roster.ts';
import { figure, print } from './figure.ts';
import type { Ground } from './ground.ts';

const goal = { atLeast: 0.5 };
const rowsUsual = 200_000;

/**
 * `npm run bench import`: a union takes in a file of members over the API's own path — upload in sealed parts, reading,
 * hashing and sealing of every number, dry run, commit — beside a bare COPY of the same finished rows into the same tables
 * with their keys and indexes, in a second database as empty. `npm run bench import 1000000` takes that many rows.
 */
export async function importing(ground: Ground, rows = rowsUsual): Promise<void> {
  const sql = connect(ground.url);
  const app = createApp(sql, { config: { secret: ground.config.secret } });
  Object.assign(app.services, { bulk: nodeBulk(ground.config.secret) });
  const [city] = await sql<{ id: number; unit: string }[]>`
    select (select id from trade_union where level = 1) as id,
      (select name_zh from trade_union where level = 4 group by name_zh having count(*) = 1 limit 1) as unit`;
  if (!city) throw new Error('The city is empty.');
  const officer = await app.signIn('+8613900000001');
  await sql`insert into officer (user_id, union_id, role) values (${officer.userId}, ${city.id}, 'administrator')`;
  await officer.passSecondFactor();
  const desk = new Desk(officer, city.id);
  const bytes = fileOf(rows, city.unit);
  await sql`checkpoint`;
  const idle = process.memoryUsage().rss;
  let peak = idle;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const step = async <T>(name: string, run: () => Promise<T>): Promise<[T, number]> => {
    const from = performance.now();
    const value = await run();
    const seconds = (performance.now() - from) / 1000;
    figure(`import ${name}`, seconds, 's');
    return [value, seconds];
  };
  const [{ id, guess }, uploading] = await step('upload', () => desk.upload(bytes));
  const [, checking] = await step('dry run', async () => {
    await desk.post(id, 'check', { columns: guess, isComplete: false });
    await Promise.all(app.working);
  });
  const [, committing] = await step('commit', async () => {
    await desk.post(id, 'commit', {});
    await Promise.all(app.working);
  });
  clearInterval(watch);
  const { counts } = await desk.view(id);
  if (counts.new !== rows) throw new Error(`Taken in: ${JSON.stringify(counts)}`);
  const copied = await copyFinished(ground, sql, id);
  figure('import bare COPY', copied, 's');
  const seconds = uploading + checking + committing;
  figure('import memory', (peak - idle) / 2 ** 20, 'MiB over idle');
  figure('import', rows / seconds, 'rows/s');
  figure('import ÷ COPY', copied / seconds, '×', goal);
  print(`import: ${rows} rows, ${Math.round(bytes.length / 2 ** 20)} MiB`);
  await sql.end();
}

type View = Pick<ImportView, 'id' | 'table' | 'counts'>;

class Desk {
  readonly #officer: Browser;
  readonly #union: number;

  constructor(officer: Browser, union: number) {
    this.#officer = officer;
    this.#union = union;
  }

  async upload(bytes: Uint8Array): Promise<{ id: string; guess: unknown }> {
    const id = uuidv7();
    const begun = { unionId: this.#union, fileName: 'members.csv', bytes: bytes.length };
    await answered(this.#officer.put(`/api/imports/${id}`, begun));
    // Three at once, as the page sends them.
    let next = 0;
    const send = async (): Promise<void> => {
      for (let n = next++; n * partBytes < bytes.length; n = next++) {
        const part = bytes.subarray(n * partBytes, (n + 1) * partBytes);
        await answered(this.#officer.sendBytes(`/api/imports/${id}/parts/${n}`, part));
      }
    };
    await Promise.all([send(), send(), send()]);
    const { table } = await this.post(id, 'upload', { digest: digestOf(bytes) });
    return { id, guess: table?.guess };
  }

  post(id: string, step: string, body: unknown): Promise<View> {
    return answered<View>(this.#officer.post(`/api/imports/${id}/${step}`, body));
  }

  view(id: string): Promise<View> {
    return answered<View>(this.#officer.get(`/api/imports/${id}`));
  }
}

function fileOf(rows: number, unit: string): Uint8Array {
  const lines = ['姓名,手机号,身份证号,单位工会,标签,家庭人数'];
  for (let i = 0; i < rows; i++) {
    const day = new Date(Date.UTC(1960, 0, 1) + (i % 15_000) * 86_400_000)
      .toISOString()
      .slice(0, 10);
    const id = idNumberOf(Math.floor(i / 15_000), day.replaceAll('-', ''), '659000');
    lines.push(`会员${i},195${String(i).padStart(8, '0')},${id},${unit},亲子,3`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The finished rows as they stand at the end of a dry run, copied into the tables of another database. */
async function copyFinished({ sql: admin, url }: Ground, from: Sql, id: string): Promise<number> {
  const bare = new URL(url);
  bare.pathname = '/bare';
  await admin`create database bare`;
  await migrate(bare.href);
  const to = connect(bare.href, { settings: { statement_timeout: '0' } });
  await to`alter table trade_union disable trigger user`;
  await copy(from, 'select * from trade_union order by level, id', to, 'trade_union');
  await from`checkpoint`;
  const rows = `from member_import_row where import_id = '${id}'`;
  const seconds =
    (await copy(
      from,
      `select (member_id & 63)::smallint, member_id, name, phone_hash, phone_cipher, id_hash, id_cipher,
        born_on, family_size, tags ${rows}`,
      to,
      'member (cell, id, name, phone_hash, phone_cipher, id_hash, id_cipher, born_on, family_size, tags)',
    )) +
    (await copy(
      from,
      `select (member_id & 63)::smallint, member_id, union_id, now() ${rows}`,
      to,
      'affiliation (cell, member_id, union_id, started_at)',
    ));
  await to.end();
  await admin`drop database bare`;
  return seconds;
}

/** Answers the seconds of the writing alone. */
async function copy(from: Sql, query: string, to: Sql, into: string): Promise<number> {
  const pieces: Buffer[] = [];
  for await (const piece of await from.unsafe(`copy (${query}) to stdout`).readable()) {
    pieces.push(piece as Buffer);
  }
  const started = performance.now();
  await pipeline(Readable.from(pieces), await to.unsafe(`copy ${into} from stdin`).writable());
  return (performance.now() - started) / 1000;
}
