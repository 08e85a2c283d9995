import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { refuseMember } from './me.ts';
import { readPerson } from './own-data-queries.ts';

/**
 * The caller has deleted what is stored about him, which ends his membership. He confirms it by typing his name. What the
 * books need stays without a name; `erase_member` says what.
 */
export async function erase(c: Ctx, name: string): Promise<void> {
  const actor = signedIn(c);
  const person = await readPerson(c.env.sql, actor);
  if (!person) return refuseMember(c, actor);
  if (person.name.normalize('NFC').trim() !== name) throw new Problem('name_not_confirmed');
  const { cell, id, unionId } = person;
  await c.env.db.transaction(async (tx) => {
    await tx.execute(sql`select erase_member(${cell}::smallint, ${id}::bigint)`);
    await record(tx, {
      userId: actor.userId,
      unionId,
      action: 'member.erase',
      subject: 'member',
      subjectId: id,
      reason: null,
      before: null,
      after: null,
    });
  });
}
