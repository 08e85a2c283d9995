import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';

/** What a benefit that is claimed can lack. */
export const lacks = [
  'sessions',
  'waves',
  'commitment',
  'room',
  'partner',
  'places',
  'window',
] as const;
export type Lack = (typeof lacks)[number];

/** A session of the benefit `b` that may still be claimed. */
const isAhead = sql`s.benefit_id = b.id and s.cancelled_at is null
  and (s.starts_at > clock()) is not false`;

/** What is paid at a partner's needs one, wherever it takes place. */
const isWithoutPartner = sql`needs_partner(b) and not exists (
  select from benefit_partner x where x.benefit_id = b.id and x.state = 'live')`;

/** Each session is somewhere where the benefit is not given; one without an outlet needs no one in particular. */
const isNowhere = sql`not exists (
  select from session s
  left join outlet o on o.id = s.outlet_id
  left join benefit_partner a on a.benefit_id = b.id and a.partner_id = o.partner_id
  where ${isAhead} and case
    when o.id is null then not (${isWithoutPartner})
    else a.state = 'live' and (o.id = any(a.outlet_ids)) is not false
  end)`;

/** Without which nobody could claim anything of the benefit `b`, as jsonb; nothing of one that is not claimed. */
export const missing: SQL = sql`coalesce((
  select to_jsonb(array_remove(array[
    case when b.claim_kind in ('drop', 'slot', 'draw') and not exists (
      select from session s where ${isAhead}
    ) then 'sessions' end,
    case when b.claim_kind = 'drop' and not exists (select from wave w where w.benefit_id = b.id)
      then 'waves' end,
    case when b.claim_kind = 'draw' and not exists (select from draw d where d.benefit_id = b.id)
      then 'commitment' end,
    case when b.claim_kind = 'room' and not exists (select from room r where r.benefit_id = b.id)
      then 'room' end,
    case when b.claim_kind <> 'room' and case
      when b.claim_kind <> 'draw' and exists (select from session s where ${isAhead}) then ${isNowhere}
      else ${isWithoutPartner}
    end then 'partner' end,
    case when not exists (select from allocation a where a.benefit_id = b.id and a.cap > 0)
      then 'places' end,
    case when t.closes_at <= clock() then 'window' end
  ], null))
  from claim_terms t where t.benefit_id = b.id
), '[]')`;

/** Refuses to publish what nobody could claim. Under the benefit's lock. */
export async function requireClaimable(tx: Tx, benefitId: number): Promise<void> {
  const [found] = await tx.execute<{ missing: Lack[] }>(sql`
    select ${missing} as missing from benefit b where b.id = ${benefitId}`);
  if (found && found.missing.length > 0)
    throw new Problem('claims_incomplete', { missing: found.missing });
}
