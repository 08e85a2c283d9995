import { eq, getTableColumns, sql } from 'drizzle-orm';
import { application } from '../../db/schema/applications.ts';
import { operator, outlet, partner } from '../../db/schema/partners.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';

export type Decision = 'ask' | 'accept' | 'decline';

export type Decided = { id: number; state: Application['state']; partnerId: number | null };

type Application = typeof application.$inferSelect;

const states = { ask: 'asked', accept: 'accepted', decline: 'declined' } as const;

/**
 * An officer of the district asks back, declines, or accepts: then the partner, its outlets, and the applicant as its
 * manager are there at once. A company whose licence is a partner's already is refused: its branches are that one's.
 */
export async function decideApplication(
  c: Ctx,
  id: number,
  { decision, version, reason }: { decision: Decision; version: number; reason: string },
): Promise<Decided> {
  const actor = signedIn(c);
  const decided = await c.env.db.transaction(async (tx) => {
    const [row] = await tx
      .select(getTableColumns(application))
      .from(application)
      .innerJoin(tradeUnion, eq(tradeUnion.id, application.districtId))
      .where(
        sql`${application.id} = ${id}
          and exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(${tradeUnion.path}))`,
      )
      .for('no key update', { of: application });
    if (!row) return undefined;
    if (row.userId === actor.userId) throw new Problem('application_own');
    const isTurn = row.state === 'submitted' || (row.state === 'asked' && decision !== 'ask');
    if (!isTurn || row.version !== version) throw new Problem('changed_meanwhile');
    const partnerId = decision === 'accept' ? await found(tx, row) : null;
    await tx
      .update(application)
      .set({
        state: states[decision],
        reason,
        partnerId,
        version: row.version + 1,
        decidedAt: sql`clock()`,
      })
      .where(eq(application.id, id));
    await record(tx, {
      userId: actor.userId,
      unionId: row.districtId,
      action: `application.${decision}`,
      subject: 'application',
      subjectId: id,
      reason,
      before: { state: row.state },
      after: { state: states[decision], ...(partnerId !== null && { partnerId }) },
    });
    return { id, state: states[decision], partnerId };
  });
  return decided ?? refuse(c);
}

async function found(tx: Tx, row: Application): Promise<number> {
  const { kind, nameZh, nameEn, licence, districtId } = row;
  const [made] = await tx
    .insert(partner)
    .values({ kind, nameZh, nameEn, licence, unionId: districtId })
    .onConflictDoNothing()
    .returning({ id: partner.id });
  if (!made) throw new Problem('partner_exists');
  await tx.insert(outlet).values(row.outlets.map((one) => ({ ...one, partnerId: made.id })));
  await tx.insert(operator).values({
    userId: row.userId,
    partnerId: made.id,
    role: 'manager',
    name: row.contactName,
  });
  return made.id;
}
