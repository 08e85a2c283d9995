import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';
import { type Admitted, charges, mayAdmit } from './lock-admission.ts';

export type Admissions = {
  admissions: AdmissionView[];
  /** Whether the caller may admit some partner, of his own district at least. */
  canAdmit: boolean;
};

export type AdmissionView = Admitted & {
  partner: Named & { union: Named };
  admittedAt: string;
  usedToday: number;
  /** When a test redemption of this admission was last accepted. */
  passedAt: string | null;
  lastTrial: { at: string; outcome: string } | null;
  canChange: boolean;
};

/** A benefit's partners and their terms, for officers whom the benefit concerns; those that ended come last. */
export async function listAdmissions(c: Ctx, benefitId: number): Promise<Admissions> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<Admissions>(sql`
    with office as materialized (${offices(actor)}),
      editor as materialized (${holding(actor, 'terms')})
    select b.stage <> 'ended' and exists (
        select from editor f join trade_union e on e.id = f.union_id
        where f.union_id = any(u.path) or ${charges(sql`b.funding`)} and u.id = any(e.path))
        as "canAdmit",
      coalesce((
      select jsonb_agg(jsonb_build_object(
        'partner', ${named('p')} || jsonb_build_object('union', ${named('pu')}),
        'admittedAt', iso(a.admitted_at), 'state', a.state, 'stateReason', a.state_reason,
        'priceFen', a.price_fen, 'capADay', a.cap_a_day, 'cap', a.cap, 'used', a.used,
        'usedToday', case when a.day = (clock() at time zone 'Asia/Shanghai')::date
          then a.used_on_day else 0 end,
        'outletIds', a.outlet_ids, 'isOfflineAllowed', a.is_offline_allowed,
        'canChange', b.stage <> 'ended' and ${mayAdmit(actor)},
        'passedAt', (select iso(max(t.passed_at)) from trial t
          where t.benefit_id = b.id and t.partner_id = p.id and t.passed_at >= a.admitted_at),
        'lastTrial', (select jsonb_build_object('at', iso(t.at), 'outcome', t.outcome) from trial t
          where t.benefit_id = b.id and t.partner_id = p.id and t.at >= a.admitted_at
          order by t.at desc limit 1)
      ) order by a.state = 'ended', p.id)
      from benefit_partner a
        join partner p on p.id = a.partner_id
        join trade_union pu on pu.id = p.union_id
      where a.benefit_id = b.id), '[]') as admissions
    from benefit b join trade_union u on u.id = b.union_id
    where b.id = ${benefitId} and exists (
      select from office o where o.union_id = any(u.path) or exists (
        select from allocation a join trade_union owner on owner.id = a.union_id
        where a.benefit_id = b.id and o.union_id = any(owner.path)) or exists (
        select from benefit_partner a
          join partner p on p.id = a.partner_id
          join trade_union pu on pu.id = p.union_id
        where a.benefit_id = b.id and o.union_id = any(pu.path)))`);
  return found ?? refuse(c);
}
