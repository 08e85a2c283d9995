import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';

type Steering = {
  kind: string;
  opensAt: string;
  closesAt: string;
  holdMinutes: number | null;
  hasWaitList: boolean;
  answerMinutes: number;
  needsApproval: boolean;
  questions: unknown;
};

/** What may be done to a draw's prizes. */
export const prizeChanges = ['add', 'raise', 'lower', 'cancel'] as const;
export type PrizeChange = (typeof prizeChanges)[number];

/** How far a draw that is committed has come. */
export type DrawStep = { isClosed: boolean; isDrawn: boolean };

/**
 * The one rule of what stays once a draw is committed, so that nobody steers it by what surrounds the lot: who may enter
 * and until when, what a winner must do, and the prizes. Prizes are only ever added, and that until sign-up is over;
 * between the close of the list and the draw nothing moves; once it is drawn a prize may have more units, which go to who
 * waits in the drawn order. Holds the draw, so that its list is not closed meanwhile.
 */
export async function requirePrizeChange(
  tx: Tx,
  benefitId: number,
  change: PrizeChange,
): Promise<void> {
  const [found] = await tx.execute<DrawStep>(sql`
    select t.closes_at <= clock() as "isClosed", d.drawn_at is not null as "isDrawn"
    from draw d join claim_terms t on t.benefit_id = d.benefit_id
    where d.benefit_id = ${benefitId} for share of d`);
  if (!changesOf(found ?? null).includes(change)) throw new Problem('draw_committed');
}

/** What the rule leaves; all of it where no draw is committed. */
export function changesOf(step: DrawStep | null): PrizeChange[] {
  if (step === null) return [...prizeChanges];
  const { isClosed, isDrawn } = step;
  return prizeChanges.filter(
    (change) => (change === 'add' && !isClosed) || (change === 'raise' && (!isClosed || isDrawn)),
  );
}

/** The same for its terms: when its doors open, and what lateness costs, may change. */
export async function requireTermsChange(
  tx: Tx,
  benefitId: number,
  wanted: Steering,
): Promise<void> {
  const found = await tx.execute(sql`
    select from draw d join claim_terms t on t.benefit_id = d.benefit_id
    where d.benefit_id = ${benefitId}
      and (${wanted.kind !== 'draw'} or ${steering} is distinct from (
        ${wanted.opensAt}::timestamptz, ${wanted.closesAt}::timestamptz,
        ${wanted.holdMinutes}::smallint, ${wanted.hasWaitList}::boolean,
        ${wanted.answerMinutes}::smallint, ${wanted.needsApproval}::boolean,
        ${JSON.stringify(wanted.questions)}::jsonb))
    for share of d`);
  if (found.length > 0) throw new Problem('draw_committed');
}

const steering: SQL = sql`(t.opens_at, t.closes_at, t.hold_minutes, t.has_wait_list,
  t.answer_minutes, t.needs_approval, t.questions)`;
