import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Audience, benefit, Share } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import { waiting } from '../proposals/waiting.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';
import { maySet, nearestAbove } from './terms-lock.ts';

type Row = typeof benefit.$inferSelect;

export type TermsOfBenefit = {
  id: number;
  version: number;
  union: Named;
  kind: Row['kind'];
  claimKind: Row['claimKind'];
  titleZh: string;
  titleEn: string;
  summaryZh: string;
  summaryEn: string;
  priceFen: number;
  faceValueFen: number;
  startsAt: Date;
  endsAt: Date;
  weekdays: number[];
  opensMinute: number;
  closesMinute: number;
  audience: Audience;
  validDistricts: number[] | null;
  quantityMax: number;
  limitCount: number;
  limitPeriod: Row['limitPeriod'];
  limitDays: number | null;
  limitFamily: boolean;
  printedLimit: number;
  quotaPeriod: Row['quotaPeriod'];
  /** null: the owner of the places pays all. */
  funding: Share[] | null;
  stage: Row['stage'];
  /** A union above that alone may change it. */
  heldBy: Named | null;
  /** Why; null where it is held only as long as its pause, which has a reason of its own. */
  heldReason: string | null;
  cap: number | null;
  /** null: the benefit is for online use alone. */
  offline: OfflineTerms | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  partners: Named[];
  canEdit: boolean;
  /** A change of what it costs or who pays waits for a second person; told to whose money it is. */
  isProposed: boolean;
  /** Whether the caller may hold it, or free it, as one above its union. */
  canRestrict: boolean;
};

/** A benefit's terms for an officer whom it concerns: it is in his scope, or an allocation of it is. */
export async function readTerms(c: Ctx, benefitId: number): Promise<TermsOfBenefit> {
  const actor = signedIn(c);
  const [terms] = await c.env.db.execute<TermsOfBenefit>(sql`
    with office as materialized (${offices(actor)}),
      setter as materialized (${holding(actor, 'terms')})
    select b.id, b.version, ${named('u')} as union, b.kind, b.claim_kind as "claimKind",
      b.title_zh as "titleZh", b.title_en as "titleEn",
      b.summary_zh as "summaryZh", b.summary_en as "summaryEn",
      b.price_fen as "priceFen", b.face_value_fen as "faceValueFen",
      b.starts_at as "startsAt", b.ends_at as "endsAt", to_jsonb(b.weekdays) as weekdays,
      b.opens_minute as "opensMinute", b.closes_minute as "closesMinute", b.audience,
      to_jsonb(b.valid_districts) as "validDistricts", b.quantity_max as "quantityMax",
      b.limit_count as "limitCount", b.limit_period as "limitPeriod", b.limit_days as "limitDays", b.limit_family as "limitFamily",
      b.printed_limit as "printedLimit", b.quota_period as "quotaPeriod", b.funding, b.stage, b.cap,
      (select ${named('h')} from trade_union h where h.id = b.held_by) as "heldBy",
      case when b.held_by is not null and not b.is_held_by_pause then (
        select e.reason from audit_entry e
        where e.subject = 'benefit' and e.subject_id = b.id::text and e.after ? 'heldBy'
        order by e.id desc limit 1) end as "heldReason",
      (select jsonb_build_object('units', p.units, 'hours', p.hours,
          'cardUsesADay', p.card_uses_a_day, 'valueMaxFen', p.value_max_fen,
          'variancePayer', p.variance_payer)
        from offline_policy p where p.benefit_id = b.id) as offline,
      b.paused_at as "pausedAt", b.pause_reason as "pauseReason",
      coalesce((
        select jsonb_agg(${named('p')} order by p.id)
        from benefit_partner bp join partner p on p.id = bp.partner_id
        where bp.benefit_id = b.id and bp.state <> 'ended'), '[]') as partners,
      ${maySet(sql`table setter`)} as "canEdit",
      ${maySet(sql`table setter`)} and ${nearestAbove(sql`table setter`)} is not null as "canRestrict",
      exists (${waiting('funding.set', 'benefit', sql`b.id`)}) and exists (
        select from office o where role_may(o.role, 'money') and o.union_id = any(u.path)) as "isProposed"
    from benefit b join trade_union u on u.id = b.union_id
    where b.id = ${benefitId} and exists (
      select from office o where o.union_id = any(u.path) or exists (
        select from allocation a join trade_union side on side.id in (a.union_id, a.district_id)
        where a.benefit_id = b.id and o.union_id = any(side.path)))`);
  return terms ?? refuse(c);
}
