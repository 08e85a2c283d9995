import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { benefit } from '../../db/schema/benefits.ts';
import { holding } from '../unions/office.ts';
import { requirePayers } from './funding.ts';
import { setOfflineTerms } from './terms-offline.ts';
import { requirePlaces } from './terms-places.ts';
import type { NewTerms } from './terms.ts';

export type Made = { id: number; version: number };

/** A new benefit of a union whose terms are the caller's to set. It has no places and no partners yet, so nobody can use it. */
export async function createBenefit(
  c: Ctx,
  unionId: number,
  { reason, ...terms }: NewTerms,
): Promise<Made> {
  const actor = signedIn(c);
  const made = await c.env.db.transaction(async (tx) => {
    const owner = await tx.execute(sql`
      with office as materialized (${holding(actor, 'terms')})
      select u.id from trade_union u
      where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))`);
    if (owner.length === 0) return undefined;
    await requirePlaces(tx, unionId, terms);
    await requirePayers(tx, unionId, terms);
    const { startsAt, endsAt, offline, ...rest } = terms;
    const [row] = await tx
      .insert(benefit)
      .values({ ...rest, unionId, startsAt: new Date(startsAt), endsAt: new Date(endsAt) })
      .returning({ id: benefit.id, version: benefit.version });
    if (!row) throw new Error('The insert returned no row.');
    await setOfflineTerms(tx, row.id, offline);
    await record(tx, {
      userId: actor.userId,
      unionId,
      action: 'benefit.create',
      subject: 'benefit',
      subjectId: row.id,
      reason,
      before: null,
      after: terms,
    });
    return row;
  });
  return made ?? refuse(c);
}
