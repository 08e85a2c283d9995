import { eq, getTableColumns, sql } from 'drizzle-orm';
import { partner } from '../../db/schema/partners.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import { reserve } from './admit.ts';

export type PartnerState = 'live' | 'paused' | 'ended';
export type Stood = { id: number; state: PartnerState };

type Row = typeof partner.$inferSelect;

const actions = { live: 'partner.resume', paused: 'partner.pause', ended: 'partner.end' } as const;

/**
 * Pauses a partner in all its benefits, lets it go on, or ends it for good with all its admissions: for an officer of the
 * union that contracted it. Acts at the next request, and members who used it read the reason in their news.
 */
export async function setPartnerState(
  c: Ctx,
  id: number,
  state: PartnerState,
  reason: string,
): Promise<Stood> {
  const actor = signedIn(c);
  const changed = await c.env.db.transaction(async (tx) => {
    // Benefits come before partners and budgets in the order of locks.
    if (state === 'ended')
      await tx.execute(sql`
        select from benefit where id in (select benefit_id from benefit_partner where partner_id = ${id})
        order by id for no key update`);
    const [row] = await tx
      .select(getTableColumns(partner))
      .from(partner)
      .innerJoin(tradeUnion, eq(tradeUnion.id, partner.unionId))
      .where(
        sql`${partner.id} = ${id}
          and exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(${tradeUnion.path}))`,
      )
      .for('no key update', { of: partner });
    if (!row) return undefined;
    if (row.endedAt !== null || stateOf(row) === state) throw new Problem('changed_meanwhile');
    await tx
      .update(partner)
      .set(
        state === 'ended'
          ? { endedAt: sql`clock()`, endReason: reason }
          : {
              pausedAt: state === 'paused' ? sql`clock()` : null,
              pauseReason: state === 'paused' ? reason : null,
            },
      )
      .where(eq(partner.id, id));
    if (state === 'ended') await endAdmissions(tx, row, reason);
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: actions[state],
      subject: 'partner',
      subjectId: id,
      reason,
      before: { state: stateOf(row) },
      after: { state },
    });
    return { id, state };
  });
  return changed ?? refuse(c);
}

const stateOf = ({ endedAt, pausedAt }: Row): PartnerState =>
  endedAt !== null ? 'ended' : pausedAt !== null ? 'paused' : 'live';

/** What was reserved for them is free again. All their payers' budgets are locked at once, in id order. */
async function endAdmissions(tx: Tx, { id }: Row, reason: string): Promise<void> {
  await tx.execute(sql`
    select from budget where union_id in (
      select union_id from partner where id = ${id}
      union
      select unnest(array[l.union_id, l.district_id, u.id, u.path[1]])
      from benefit_partner a
        join benefit b on b.id = a.benefit_id
        join trade_union u on u.id = b.union_id
        left join allocation l on l.benefit_id = b.id
      where a.partner_id = ${id}
      union
      select p.union_id
      from benefit_partner a
        join benefit_partner other on other.benefit_id = a.benefit_id
        join partner p on p.id = other.partner_id
      where a.partner_id = ${id})
    order by id for no key update`);
  const ended = await tx.execute<{ benefitId: number; cap: number | null }>(sql`
    update benefit_partner set state = 'ended', state_reason = ${reason}
    where partner_id = ${id} and state <> 'ended'
    returning benefit_id as "benefitId", cap`);
  for (const { benefitId, cap } of ended)
    if (cap !== null) await reserve(tx, { benefitId, partnerId: id }, false);
}
