import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { claimKinds } from '../../db/schema/benefits.ts';
import { claimTerms } from '../../db/schema/claims.ts';
import { type Fields, record, type Tx } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Actor } from '../caller.ts';
import { lockBenefit, type LockedBenefit } from '../benefits/terms-lock.ts';
import { offlineTermsOf } from '../benefits/terms-offline.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { instant, integer, text } from '../validate.ts';
import { requireTermsChange } from './draw-fixed.ts';

/** Of a text that is answered to a question, in characters, whatever the question says. */
export const answerLengthMax = 1000;

const option = z.strictObject({
  id: z.string().regex(/^[a-z0-9_]{1,20}$/),
  labelZh: text(40),
  labelEn: text(80),
});

const question = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9_]{1,20}$/),
    kind: z.enum(['choice', 'text', 'number']),
    labelZh: text(80),
    labelEn: text(160),
    isRequired: z.boolean(),
    options: z
      .array(option)
      .min(2)
      .max(20)
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, {
        message: 'have an id each',
      })
      .exactOptional(),
    min: integer(-1e9, 1e9).exactOptional(),
    max: integer(-1e9, 1e9).exactOptional(),
  })
  .refine(({ kind, options }) => (kind === 'choice') === (options !== undefined), {
    path: ['options'],
    message: 'belong to a choice, and to nothing else',
  })
  .refine(({ kind, min }) => kind === 'number' || min === undefined, {
    path: ['min'],
    message: 'belongs to a number, and to nothing else',
  })
  .refine(({ kind, max }) => kind !== 'choice' || max === undefined, {
    path: ['max'],
    message: 'belongs to a number or a text',
  })
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, {
    path: ['max'],
    message: 'must not be less than min',
  })
  .refine(({ kind, max = 1 }) => kind !== 'text' || (max >= 1 && max <= answerLengthMax), {
    path: ['max'],
    message: `must be 1 to ${answerLengthMax} characters`,
  });

const weight = integer(0, 10);

/** How a benefit is claimed, as its union says it. */
export const claimTermsForm = z
  .strictObject({
    kind: z.enum(claimKinds),
    opensAt: instant,
    closesAt: instant,
    holdMinutes: integer(1, 1440).nullable(),
    cancelMinutes: integer(0, 43_200),
    hasWaitList: z.boolean(),
    answerMinutes: integer(1, 10_080),
    needsApproval: z.boolean(),
    doorMinutes: integer(0, 1440),
    walkIns: z.boolean(),
    questions: z
      .array(question)
      .max(20)
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, {
        message: 'have an id each',
      }),
    lateCancelWeight: weight,
    noShowWeight: weight,
    /** The one that was looked at; 0 where there was none. */
    version: integer(0),
    reason: text(200),
  })
  .refine(({ opensAt, closesAt }) => Date.parse(opensAt) < Date.parse(closesAt), {
    path: ['closesAt'],
    message: 'must be after opensAt',
  });

export type ClaimTermsForm = z.infer<typeof claimTermsForm>;

/** Whose benefits for health and hardship are: nobody is ever marked for them. */
const unmarked: readonly string[] = ['health', 'hardship'];

/** Says how a benefit is claimed. What kind of claim it is stays, once somebody has claimed. */
export async function setClaimTerms(
  c: Ctx,
  benefitId: number,
  form: ClaimTermsForm,
): Promise<{ version: number }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    const { reason, ...terms } = form;
    const { version, before, after } = await writeClaimTerms(tx, row, terms);
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'claims.set',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before,
      after,
    });
    return { version };
  });
  return done ?? refuse(c);
}

/** The same under the benefit's lock, with the fields for its audit entry, which is the caller's to write. */
export async function writeClaimTerms(
  tx: Tx,
  row: LockedBenefit,
  { kind, version: seen, ...terms }: Omit<ClaimTermsForm, 'reason'>,
): Promise<{ version: number; before: Fields | null; after: Fields }> {
  const benefitId = row.id;
  if (unmarked.includes(row.kind) && terms.lateCancelWeight + terms.noShowWeight > 0)
    throw new Problem('invalid_request', {
      fields: [{ field: 'noShowWeight', message: 'must be 0 for health and hardship' }],
    });
  // Nothing is given after the benefit's end. Before its start it may be claimed, for later.
  if (Date.parse(terms.closesAt) > row.endsAt.getTime())
    throw new Problem('invalid_request', {
      fields: [{ field: 'closesAt', message: 'is after the benefit’s own end' }],
    });
  // A phone without a network cannot ask whose claim it is.
  if (await offlineTermsOf(tx, benefitId)) throw new Problem('claims_need_network');
  const [before] = await tx
    .select()
    .from(claimTerms)
    .where(sql`benefit_id = ${benefitId}`);
  const current = before?.version ?? 0;
  if (current !== seen) throw new Problem('changed_meanwhile', { version: current });
  if (row.claimKind !== kind && row.claimKind !== null) {
    const claims = await tx.execute(sql`
      select from claim where benefit_id = ${benefitId} limit 1`);
    if (claims.length > 0) throw new Problem('claims_exist');
  }
  await requireTermsChange(tx, benefitId, { kind, ...terms });
  const { opensAt, closesAt, ...rest } = terms;
  const values = { ...rest, opensAt: new Date(opensAt), closesAt: new Date(closesAt) };
  const version = current + 1;
  await tx
    .insert(claimTerms)
    .values({ ...values, benefitId, version })
    .onConflictDoUpdate({ target: claimTerms.benefitId, set: { ...values, version } });
  await tx.execute(sql`update benefit set claim_kind = ${kind} where id = ${benefitId}`);
  return {
    version,
    before: before ? asFields({ ...before, kind: row.claimKind }) : null,
    after: asFields({ ...terms, kind }),
  };
}

/** The benefit, if its claims are the caller's to arrange; one that has ended has none any more. */
export async function lockClaimed(
  tx: Tx,
  actor: Actor,
  benefitId: number,
): Promise<LockedBenefit | undefined> {
  const row = await lockBenefit(tx, actor, benefitId);
  if (row?.stage === 'ended') throw new Problem('benefit_ended');
  return row;
}

type Terms = Omit<ClaimTermsForm, 'kind' | 'version' | 'reason' | 'opensAt' | 'closesAt'> & {
  kind: string | null;
  opensAt: Date | string;
  closesAt: Date | string;
};

const asFields = ({ questions, ...terms }: Terms) => ({
  claimKind: terms.kind,
  opensAt: new Date(terms.opensAt).toISOString(),
  closesAt: new Date(terms.closesAt).toISOString(),
  holdMinutes: terms.holdMinutes,
  cancelMinutes: terms.cancelMinutes,
  hasWaitList: terms.hasWaitList,
  answerMinutes: terms.answerMinutes,
  needsApproval: terms.needsApproval,
  doorMinutes: terms.doorMinutes,
  walkIns: terms.walkIns,
  questions: questions.map(({ labelZh }) => labelZh).join('；'),
  lateCancelWeight: terms.lateCancelWeight,
  noShowWeight: terms.noShowWeight,
});
