import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { holding } from '../unions/office.ts';

/** A benefit and a partner, and its admission so far; the benefit and the admission locked for the transaction. */
export type Locked = {
  benefitUnionId: number;
  partnerUnionId: number;
  priceFen: number;
  stage: 'draft' | 'test' | 'published' | 'ended';
  isPartnerEnded: boolean;
  /** What one unit at the price asked for costs the host or the headquarters, whose agreement this is. */
  chargedFen: number;
  isCharged: boolean;
  admission: Admitted | null;
};

export type Admitted = {
  state: 'testing' | 'live' | 'paused' | 'ended';
  stateReason: string | null;
  priceFen: number | null;
  capADay: number | null;
  cap: number | null;
  used: number;
  outletIds: number[] | null;
  isOfflineAllowed: boolean;
};

/** Whether a rule charges the host or the headquarters, whose union agrees by admitting the partner. */
export const charges = (funding: SQL) =>
  sql`coalesce(jsonb_path_exists(${funding}, '$[*].payer ? (@ == "host" || @ == "headquarters")'), false)`;

/**
 * Who admits: an officer with terms of the benefit's union. Where the rule charges the host or the headquarters, he must
 * hold them over the partner's union too, whose money it is; and an officer of that union alone may as well, when the
 * benefit is of a union above it, which by such a rule leaves the choice of partners to it.
 */
export const mayAdmit = (actor: Actor): SQL => sql`
  case when ${charges(sql`b.funding`)}
    then exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(pu.path))
      and (u.id = any(pu.path)
        or exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(u.path)))
    else exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(u.path))
  end`;

/** To pause or end what one's own union gives, no other's agreement is needed. */
const mayStop = (actor: Actor): SQL => sql`
  (${mayAdmit(actor)}
    or exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(u.path)))`;

/**
 * Undefined when it is not the caller's, or there is no such pair. `actor` null: a confirmed proposal, which was judged
 * already. Locks the benefit, the partner against its end, the budgets of its payers where the partner's union is one, the allocations where the terms
 * to come have its first cap (`isCapped`), then the admission.
 */
export async function lockAdmission(
  tx: Tx,
  actor: Actor | null,
  pair: { benefitId: number; partnerId: number; priceFen?: number | null; isCapped?: boolean },
  isStop = false,
): Promise<Locked | undefined> {
  const { benefitId, partnerId, priceFen = null, isCapped = false } = pair;
  const may = actor === null ? sql`true` : isStop ? mayStop(actor) : mayAdmit(actor);
  const [found] = await tx.execute<Omit<Locked, 'admission' | 'chargedFen'>>(sql`
    select b.union_id as "benefitUnionId", p.union_id as "partnerUnionId",
      b.price_fen as "priceFen", b.stage, p.ended_at is not null as "isPartnerEnded",
      ${charges(sql`b.funding`)} as "isCharged"
    from benefit b join trade_union u on u.id = b.union_id,
      partner p join trade_union pu on pu.id = p.union_id
    where b.id = ${benefitId} and p.id = ${partnerId} and ${may}
    for no key update of b for share of p`);
  if (!found) return undefined;
  if (found.isCharged)
    await tx.execute(sql`select lock_budgets(${benefitId}, array[${found.partnerUnionId}::int])`);
  const [charged] = await tx.execute<{ fen: number }>(sql`
    select coalesce(sum(part.fen), 0)::bigint as fen
    from benefit b,
      unnest(split(b.funding, coalesce(${priceFen}::int, b.price_fen), 1)) with ordinality part (fen, i)
    where b.id = ${benefitId} and b.funding -> (part.i - 1)::int ->> 'payer' in ('host', 'headquarters')`);
  // Uses are counted once there is a cap: a first one begins with those before it.
  if (isCapped)
    await tx.execute(sql`
      select count_admission(a.benefit_id, a.partner_id) from benefit_partner a
      where a.benefit_id = ${benefitId} and a.partner_id = ${partnerId}
        and num_nonnulls(a.cap, a.cap_a_day) = 0`);
  const [admission] = await tx.execute<Admitted>(sql`
    select state, state_reason as "stateReason", price_fen as "priceFen", cap_a_day as "capADay",
      cap, used, to_jsonb(outlet_ids) as "outletIds", is_offline_allowed as "isOfflineAllowed"
    from benefit_partner where benefit_id = ${benefitId} and partner_id = ${partnerId}
    for no key update`);
  return { ...found, chargedFen: Number(charged?.fen ?? 0), admission: admission ?? null };
}
