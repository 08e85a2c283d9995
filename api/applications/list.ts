import { sql } from 'drizzle-orm';
import type { application } from '../../db/schema/applications.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { openPhone } from '../members/personal-data.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices, requireOffice } from '../unions/office.ts';

type Row = typeof application.$inferSelect;

export type ApplicationView = Pick<Row, 'id' | 'kind' | 'nameZh' | 'nameEn' | 'state'> & {
  district: Named;
  outlets: number;
  submittedAt: Date;
};

export type ApplicationPage = { applications: ApplicationView[]; next: number | null };

/** What companies ask the unions of the caller's scope for, newest first; `after` is the last id of the page before. */
export async function listApplications(
  c: Ctx,
  filter: { union?: number; state?: Row['state']; after?: number },
  limit: number,
): Promise<ApplicationPage> {
  const actor = signedIn(c);
  const { union = null, state = null, after = null } = filter;
  const rows = await c.env.db.execute<ApplicationView>(sql`
    with office as materialized (${offices(actor)})
    select a.id, a.kind, a.name_zh as "nameZh", a.name_en as "nameEn", a.state,
      ${named('d')} as district, jsonb_array_length(a.outlets) as outlets,
      a.submitted_at as "submittedAt"
    from application a join trade_union d on d.id = a.district_id
    where exists (select from office o where o.union_id = any(d.path))
      and (${union}::int is null or ${union} = any(d.path))
      and (${state}::text is null or a.state = ${state})
      and (${after}::int is null or a.id < ${after})
    order by a.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const page = rows.slice(0, limit);
  return { applications: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

export type ApplicationDetail = Pick<
  Row,
  | 'id'
  | 'kind'
  | 'nameZh'
  | 'nameEn'
  | 'licence'
  | 'contactName'
  | 'outlets'
  | 'state'
  | 'reason'
  | 'version'
  | 'partnerId'
> & {
  contactPhone: string;
  district: Named;
  districts: Named[];
  submittedAt: Date;
  decidedAt: Date | null;
  /** A partner with the same licence, which a second one cannot be made beside. */
  existing: Named | null;
  canDecide: boolean;
};

/** One application whole, the phone of its contact among it. */
export async function readApplication(c: Ctx, id: number): Promise<ApplicationDetail> {
  const actor = signedIn(c);
  const [row] = await c.env.db.execute<
    Omit<ApplicationDetail, 'contactPhone'> & { contactPhoneCipher: Uint8Array }
  >(sql`
    select a.id, a.kind, a.name_zh as "nameZh", a.name_en as "nameEn", a.licence,
      a.contact_name as "contactName", a.contact_phone_cipher as "contactPhoneCipher", a.outlets,
      a.state, a.reason, a.version, a.partner_id as "partnerId", ${named('d')} as district,
      (select coalesce(jsonb_agg(distinct ${named('h')}), '[]')
        from jsonb_array_elements(a.outlets) o
        join trade_union h on h.id = (o ->> 'districtId')::int) as districts,
      a.submitted_at as "submittedAt", a.decided_at as "decidedAt",
      (select ${named('p')} from partner p
        where p.licence = a.licence and p.ended_at is null and p.id is distinct from a.partner_id)
        as existing,
      a.state in ('submitted', 'asked')
        and exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(d.path))
        as "canDecide"
    from application a join trade_union d on d.id = a.district_id
    where a.id = ${id}
      and exists (select from (${offices(actor)}) f where f.union_id = any(d.path))`);
  if (!row) return refuse(c);
  const { contactPhoneCipher, ...rest } = row;
  return { ...rest, contactPhone: await openPhone(c.env.config.secret, contactPhoneCipher) };
}
