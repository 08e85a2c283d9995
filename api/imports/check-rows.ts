import { sql } from 'drizzle-orm';
import type { Services } from '../context.ts';
import type { Columns } from '../../db/schema/imports.ts';
import { webBulk } from '../members/bulk.ts';
import { arrayLiteral } from './array-literal.ts';
import { partBytes, readFrom } from './files.ts';
import type { Import } from './own.ts';
import { readRow, type Row } from './read-row.ts';
import { type Head, readRecords } from './table.ts';

export type Batch = {
  position: number;
  row: number;
  end: number;
  lastRow: number;
  values: string[];
};

/** The rows that follow this place of the file, hashed and sealed; undefined at its end. */
export async function prepare(
  { sql: driver, config, bulk = webBulk(config.secret) }: Services,
  one: Import,
  { rows: headRows, width }: Head,
  place: { position: number; row: number },
): Promise<Batch | undefined> {
  const { encoding, delimiter, columns } = one;
  if (encoding === null || delimiter === null || columns === null || place.position >= one.bytes)
    return undefined;
  const bytes = await readFrom(
    { sql: driver, secret: config.secret, importId: one.id },
    place.position,
  );
  const isEnd = place.position + bytes.length >= one.bytes;
  const piece = isEnd ? bytes : bytes.subarray(0, Math.max(partBytes, 1));
  const read = readRecords(piece, { encoding, delimiter }, isEnd);
  const numbers: number[] = [];
  const rows: Row[] = [];
  for (const [i, cells] of read.records.entries()) {
    // As a spreadsheet counts them.
    const number = place.row + i + 1;
    if (number <= headRows || cells.every((cell) => cell.trim() === '')) continue;
    numbers.push(number);
    rows.push(readRow(cells, columns as Columns, width));
  }
  const phones = rows.map(({ phone }) => phone);
  const ids = rows.map(({ idNumber }) => idNumber);
  const phoneHashes = await bulk.hash('phoneHash', phones);
  const phoneCiphers = await bulk.seal('phoneSeal', phones);
  const idHashes = await bulk.hash('idHash', ids);
  const idCiphers = await bulk.seal('idSeal', ids);
  return {
    ...place,
    end: place.position + read.bytes,
    lastRow: place.row + read.records.length,
    values: [
      arrayLiteral(numbers),
      arrayLiteral(rows.map(({ problem }) => problem)),
      arrayLiteral(randomIds(rows.length)),
      arrayLiteral(rows.map(({ name }) => name)),
      arrayLiteral(phoneHashes),
      arrayLiteral(phoneCiphers),
      arrayLiteral(idHashes),
      arrayLiteral(idCiphers),
      arrayLiteral(rows.map(({ bornOn }) => bornOn)),
      arrayLiteral(rows.map(({ tags }) => tags && arrayLiteral(tags))),
      arrayLiteral(rows.map(({ familySize }) => familySize)),
      arrayLiteral(rows.map(({ unit }) => unit)),
      arrayLiteral(rows.map(({ branch }) => branch)),
      arrayLiteral(rows.map(({ district }) => district)),
    ],
  };
}

/** Takes them into the dry run, if the import still stands where they were read. */
export function take({ db }: Services, id: string, batch: Batch): Promise<boolean> {
  const [
    row,
    problem,
    newId,
    name,
    phoneHash,
    phone,
    idHash,
    idNumber,
    born,
    tags,
    family,
    unit,
    branch,
    district,
  ] = batch.values;
  return db.transaction(async (tx) => {
    const [moved] = await tx.execute(sql`
      update member_import set position = ${batch.end}, row = ${batch.lastRow}
      where id = ${id} and state = 'checking' and position = ${batch.position} returning id`);
    if (!moved) return false;
    await tx.execute(sql`
      select check_members(${id}::uuid, ${row}::text::int[], ${problem}::text::text[], ${newId}::text::bigint[],
        ${name}::text::text[], ${phoneHash}::text::text[], ${phone}::text::text[], ${idHash}::text::text[],
        ${idNumber}::text::text[], ${born}::text::date[], ${tags}::text::text[], ${family}::text::smallint[],
        ${unit}::text::text[], ${branch}::text::text[], ${district}::text::text[])`);
    return true;
  });
}

/** 52 random bits each; the lowest six are the member's cell. */
function randomIds(count: number): number[] {
  const ids: number[] = [];
  for (let left = count; left > 0; left -= 4096) {
    const random = crypto.getRandomValues(new Uint32Array(2 * Math.min(left, 4096)));
    for (let i = 0; i < random.length; i += 2) {
      ids.push(((random[i] ?? 0) % 2 ** 20) * 2 ** 32 + (random[i + 1] ?? 0));
    }
  }
  return ids;
}
