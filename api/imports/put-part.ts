import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { digestOf, partBytes, sealPart } from './files.ts';
import { lockedImport, ownImport } from './own.ts';
import { isUtf8Piece } from './records.ts';

/** Keeps one part of the file, sealed; the same number again replaces it. Every part but the last has the same size. */
export async function putPart(c: Ctx, id: string, number: number): Promise<{ number: number }> {
  const { bytes: whole } = await ownImport(c, c.env.db, id);
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length !== Math.min(partBytes, whole - number * partBytes)) {
    throw new Problem('invalid_request', {
      fields: [{ field: 'body', message: 'is not this part of a file of that size' }],
    });
  }
  const [digest, cipher] = await Promise.all([
    digestOf(bytes),
    sealPart(c.env.config.secret, bytes),
  ]);
  await c.env.db.transaction(async (tx) => {
    await lockedImport(c, tx, id, ['uploading']);
    await tx.execute(sql`
      insert into member_import_part (import_id, number, bytes, digest, is_utf8, is_text, cipher)
      values (${id}, ${number}, ${bytes.length}, ${digest}, ${isUtf8Piece(bytes)}, ${!bytes.includes(0)}, ${cipher})
      on conflict (import_id, number) do update set
        digest = excluded.digest, is_utf8 = excluded.is_utf8, is_text = excluded.is_text,
        cipher = excluded.cipher`);
  });
  return { number };
}
