import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { digestOf, digestOfParts, join, partBytes, readFrom, sealPart } from './files.ts';
import { lockedImport } from './own.ts';
import { isUtf8Piece } from './records.ts';
import { guessDelimiter, headOf, readRecords, Unreadable } from './table.ts';
import { asCsv, isZip, workbookBytesMax } from './workbook.ts';
import { type ImportView, viewImport } from './view.ts';

const missingSaid = 100;

type Part = { number: number; digest: string; isUtf8: boolean; isText: boolean };

/**
 * Ends an upload: nothing is missing, the whole is what the sender says it is, and it is a table that can be read. An
 * XLSX file is turned into CSV here, so all that follows knows one kind.
 */
export async function receiveFile(c: Ctx, id: string, digest: string): Promise<ImportView> {
  const { db, sql: driver, config } = c.env;
  const isTable = await db.transaction(async (tx) => {
    const one = await lockedImport(c, tx, id, ['uploading', 'uploaded']);
    if (one.state === 'uploaded') return true;
    const parts = await tx.execute<Part>(sql`
      select number, digest, is_utf8 as "isUtf8", is_text as "isText"
      from member_import_part where import_id = ${id} order by number`);
    const expected = Math.ceil(one.bytes / partBytes);
    if (parts.length < expected)
      throw new Problem('parts_missing', { missing: missing(parts, expected) });
    if ((await digestOfParts(parts.map((part) => part.digest))) !== digest)
      throw new Problem('file_differs');

    const file = { sql: driver, secret: config.secret, importId: id };
    let head = await readFrom(file, 0);
    let length = one.bytes;
    let isUtf8 = parts.every((part) => part.isUtf8);
    try {
      if (isZip(head)) {
        if (one.bytes > workbookBytesMax) throw new Problem('file_too_large');
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < one.bytes; at += 2 * partBytes) pieces.push(await readFrom(file, at));
        const table: Uint8Array<ArrayBuffer>[] = [];
        for await (const part of asCsv(join(pieces))) table.push(part);
        await tx.execute(sql`delete from member_import_part where import_id = ${id}`);
        for (const [number, bytes] of table.entries()) {
          await tx.execute(sql`
            insert into member_import_part (import_id, number, bytes, digest, is_utf8, is_text, cipher)
            values (${id}, ${number}, ${bytes.length}, ${await digestOf(bytes)}, ${isUtf8Piece(bytes)}, true,
              ${await sealPart(config.secret, bytes)})`);
        }
        head = join(table.slice(0, 2));
        isUtf8 = true;
        length = table.reduce((sum, part) => sum + part.length, 0);
        await tx.execute(
          sql`update member_import set bytes = ${Math.max(length, 1)} where id = ${id}`,
        );
      } else if (!parts.every((part) => part.isText)) {
        throw new Unreadable();
      }
      const encoding = isUtf8 ? 'utf-8' : 'gb18030';
      const delimiter = guessDelimiter(head);
      headOf(readRecords(head, { encoding, delimiter }, head.length >= length).records);
      await tx.execute(sql`
        update member_import set state = 'uploaded', digest = ${digest}, encoding = ${encoding}, delimiter = ${delimiter}
        where id = ${id}`);
      return true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      // It is over, and in nobody's way.
      await tx.execute(sql`
        update member_import set state = 'failed', failure = 'file_unreadable' where id = ${id}`);
      return false;
    }
  });
  if (!isTable) throw new Problem('file_unreadable');
  return viewImport(c, id);
}

function missing(parts: readonly Part[], expected: number): number[] {
  const here = new Set(parts.map(({ number }) => number));
  return Array.from({ length: expected }, (_, number) => number)
    .filter((number) => !here.has(number))
    .slice(0, missingSaid);
}
