import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { lockPlaces, type LockedTerms } from './lock.ts';
import { payingStrangers } from './strangers.ts';
import {
  type PoolNow,
  poolsIn,
  requireCap,
  requireDrawKept,
  requireMonthAhead,
  requirePeriod,
  setPlaces,
} from './places.ts';
import type { Pool } from './set-cap.ts';

export type Opened = { id: number };

export type Opening = {
  from: number;
  to: Pool;
  units: number;
  month: string | null;
  returnsAt: string;
  reason: string;
};

const payloadForm = z.strictObject({
  benefitId: z.int(),
  unionId: z.int(),
  from: z.int(),
  to: z.union([z.int(), z.literal('shared')]),
  units: z.int(),
  month: z.string().nullable(),
  returnsAt: z.iso.datetime(),
});

type Payload = z.infer<typeof payloadForm>;

/**
 * Opens places of one district's pool to another pool until a date, when what is unused comes back. Who may: money of the
 * owner of the places. Above that owner's threshold it waits for a second person, by what the other pool may then cost in
 * all, with what this one has opened elsewhere and not got back yet; and where it makes a union pay more over whose
 * money he has no say, always for one of that union.
 */
export async function openPlaces(
  c: Ctx,
  benefitId: number,
  { reason, ...asked }: Opening,
): Promise<Opened | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const to = asked.to === 'shared' ? null : asked.to;
    const receiving = await lockPlaces(tx, actor, benefitId, to);
    if (!receiving) return undefined;
    const terms = await lockPlaces(tx, actor, benefitId, asked.from);
    if (!terms || !(terms.isOwn || terms.isOwners)) return undefined;
    await requirePeriod(tx, terms.quotaPeriod, asked.month);
    await requireMonthAhead(tx, benefitId, asked.month);
    const pools = await poolsIn(tx, benefitId, asked.month);
    const giving = giver(pools, asked.from);
    const taking = pools.find(({ districtId }) => districtId === to);
    await requirePossible(tx, giving, taking, asked);
    await requireDrawKept(tx, benefitId, pools, [{ ...giving, cap: giving.cap - asked.units }]);
    const [asking, ...others] = await payingStrangers(tx, actor, benefitId, [to], asked.from);
    if (others.length > 0) throw new Problem('payer_not_yours');
    const payload: Payload = { benefitId, unionId: giving.unionId, ...asked };
    const proposal = await propose(tx, actor, {
      unionId: asking ?? giving.unionId,
      isAsked: asking !== undefined,
      action: 'opening.open',
      subject: 'benefit',
      subjectId: benefitId,
      subjectVersion: versionOf(terms, giving),
      payload,
      amountFen:
        ((taking?.cap ?? 0) + asked.units + (await unitsOut(tx, giving.id, taking?.id ?? null))) *
        terms.priceFen,
      reason,
    });
    if (proposal) return { proposal };
    return apply(tx, { proposedBy: actor.userId, confirmedBy: null }, terms, payload, reason);
  });
  return done ?? refuse(c);
}

/** The second person's yes to it. */
export const applyOpening: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const asked = payloadForm.parse(payload);
  const terms = await lockPlaces(tx, null, asked.benefitId, asked.from);
  if (!terms) throw new Problem('proposal_stale');
  const giving = giver(await poolsIn(tx, asked.benefitId, asked.month), asked.from);
  if (versionOf(terms, giving) !== subjectVersion) throw new Problem('proposal_stale');
  await requirePeriod(tx, terms.quotaPeriod, asked.month);
  await apply(tx, by, terms, asked, reason);
};

/** What was looked at: the price, who pays it, and the pool that gives. */
const versionOf = ({ priceFen, funding }: LockedTerms, { cap, topped }: PoolNow): string =>
  JSON.stringify([priceFen, funding, cap, topped]);

/** What a pool has opened to others than this one and not got back yet. */
async function unitsOut(tx: Tx, poolId: number, takingId: number | null): Promise<number> {
  const [out] = await tx.execute<{ units: number }>(sql`
    select coalesce(sum(units), 0)::int as units from opening
    where from_id = ${poolId} and to_id is distinct from ${takingId}::int and returned_at is null`);
  return out?.units ?? 0;
}

function giver(pools: readonly PoolNow[], districtId: number): PoolNow {
  const found = pools.find((one) => one.districtId === districtId);
  if (!found) throw new Problem('cap_below_used', { used: 0 });
  return found;
}

/** Before it is proposed, and again when it is done. */
async function requirePossible(
  tx: Tx,
  giving: PoolNow,
  taking: PoolNow | undefined,
  { from, to, units, returnsAt }: Pick<Payload, 'from' | 'to' | 'units' | 'returnsAt'>,
): Promise<void> {
  const [isAhead] = await tx.execute<{ yes: boolean }>(sql`
    select ${returnsAt}::timestamptz > clock() as yes`);
  if (!isAhead?.yes || from === to)
    throw new Problem('invalid_request', {
      fields: [
        isAhead?.yes
          ? { field: 'to', message: 'is the same pool' }
          : { field: 'returnsAt', message: 'is past' },
      ],
    });
  if (giving.cap - giving.topped < units)
    throw new Problem('cap_below_used', { used: giving.used });
  requireCap((taking?.cap ?? 0) + units);
}

async function apply(
  tx: Tx,
  by: By,
  terms: LockedTerms,
  { from, to, units, month, returnsAt, unionId }: Payload,
  reason: string,
): Promise<Opened> {
  const toId = to === 'shared' ? null : to;
  const now = await poolsIn(tx, terms.id, month);
  const [giving, taking] = [from, toId].map((id) => now.find((one) => one.districtId === id));
  if (!giving) throw new Problem('cap_below_used', { used: 0 });
  await requirePossible(tx, giving, taking, { from, to, units, returnsAt });
  await setPlaces(tx, terms, month, [
    { districtId: from, cap: giving.cap - units, topped: giving.topped },
    { districtId: toId, cap: (taking?.cap ?? 0) + units, topped: taking?.topped ?? 0 },
  ]);
  const after = await poolsIn(tx, terms.id, month);
  const taker = after.find((one) => one.districtId === toId);
  const [made] = await tx.execute<{ id: number }>(sql`
    insert into opening (from_id, to_id, units, returns_at, opened_at)
    values (${giving.id}, ${taker?.id ?? 0}, ${units}, ${returnsAt}::timestamptz, clock())
    returning id`);
  if (!made) throw new Error('The insert returned no row.');
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId,
    action: 'opening.open',
    subject: 'benefit',
    subjectId: terms.id,
    reason,
    before: null,
    after: { from, to: toId, units, returnsAt, ...(month !== null && { month }) },
  });
  return made;
}
