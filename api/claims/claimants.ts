import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import {
  claimStates,
  type Answers,
  type ClaimState,
  type Question,
} from '../../db/schema/claims.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { csvStream, type Rows, sheetTime } from '../csv.ts';
import type { Cursor } from '../cursor.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';
import { numberInUrl } from '../validate.ts';
import { readable } from './desk.ts';

export const claimantFilter = {
  session: numberInUrl().exactOptional(),
  state: z.enum(claimStates).exactOptional(),
};

export type ClaimantFilter = z.output<z.ZodObject<typeof claimantFilter>>;

export type Claimant = {
  id: string;
  /** Whole for who keeps the members of his union, else its first character and ＊. */
  name: string;
  union: Named;
  session: { id: number; titleZh: string; titleEn: string; startsAt: string | null } | null;
  quantity: number;
  state: ClaimState;
  answers: Answers;
  /** ISO 8601, as are all instants here. */
  madeAt: string;
  /** When it is used: its session's beginning. */
  at: string;
  /** Somebody else claimed it for him. */
  isForOther: boolean;
  attendedAt: string | null;
  reason: string | null;
};

type Page = { claimants: Claimant[]; next: Cursor | null };

/**
 * Who has claimed a benefit, in the order in which they came. Its union sees all of them; a union whose places it has, those
 * of its own members.
 */
export async function listClaimants(
  c: Ctx,
  benefitId: number,
  { session, state }: ClaimantFilter,
  limit: number,
  after?: Cursor,
): Promise<Page> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<{
    claimant: Claimant | null;
    micros: number;
    id: string;
  }>(sql`
    with office as materialized (${offices(actor)}),
      keeper as materialized (${holding(actor, 'members')})
    select k.id, (extract(epoch from k.made_at) * 1000000)::bigint as micros,
      case when k.id is not null then jsonb_build_object('id', k.id, 'name', ${nameOf}, 'union', ${named('e')},
        'session', case when s.id is not null then jsonb_build_object('id', s.id,
          'titleZh', s.title_zh, 'titleEn', s.title_en, 'startsAt', iso(s.starts_at)) end,
        'quantity', k.quantity, 'state', k.state, 'answers', k.answers, 'madeAt', iso(k.made_at),
        'at', iso(k.at), 'isForOther', k.made_by is not null, 'attendedAt', iso(k.attended_at),
        'reason', k.reason) end as claimant
    from ${readable(benefitId)}
    left join lateral (
      select x.* from claim x
      where x.benefit_id + 0 = b.id
        and ${session === undefined ? sql`true` : sql`x.session_id = ${session}`}
        and ${state === undefined ? sql`true` : sql`x.state = ${state}`}
        and ${isAfter(after)}
        and (
          exists (select from office o where o.union_id = any(u.path))
          or exists (
            select from office o join trade_union n on n.id = x.union_id where o.union_id = any(n.path)))
      order by x.made_at, x.id
      limit ${limit + 1}
    ) k on true
    left join trade_union e on e.id = k.union_id
    left join member m on m.cell = k.cell and m.id = k.member_id
    left join session s on s.id = k.session_id
    order by k.made_at, k.id`);
  if (rows.length === 0) return refuse(c);
  const found = rows.flatMap(({ claimant, ...place }) => (claimant ? [{ claimant, place }] : []));
  const page = found.slice(0, limit);
  return {
    claimants: page.map(({ claimant }) => claimant),
    next: found.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}

/** Beside `keeper`, of the member `m` of the union `e`. */
export const nameOf: SQL = sql`(
  select case when bool_or(name_within(m, o.union_id) = m.name) then m.name else masked_name(m.name) end
  from keeper o where o.union_id = any(e.path))`;

function isAfter(cursor: Cursor | undefined): SQL {
  if (!cursor) return sql`true`;
  const at = sql`'epoch'::timestamptz + ${cursor.micros}::bigint * interval '1 microsecond'`;
  return sql`x.made_at >= ${at} and (x.made_at, x.id) > (${at}, ${cursor.id}::uuid)`;
}

type Language = 'zh-CN' | 'en';

const rowsAPage = 1000;

const heads = {
  'zh-CN': [
    '序号',
    '姓名',
    '单位工会',
    '场次',
    '时间',
    '数量',
    '状态',
    '申领时间',
    '代办',
    '签到时间',
    '说明',
  ],
  en: [
    ...['No.', 'Name', 'Union', 'Session', 'Time', 'Quantity', 'State', 'Claimed at', 'By proxy'],
    ...['Attended at', 'Note'],
  ],
};

const words = {
  'zh-CN': {
    yes: '是',
    states: {
      entered: '待摇号',
      asked: '待审核',
      held: '待确认',
      waiting: '排队中',
      offered: '待答复',
      confirmed: '已确认',
      used: '已使用',
      no_show: '未到场',
      cancelled: '已取消',
      expired: '逾期未确认',
      lapsed: '已失效',
      lost: '未中签',
      refused: '未通过',
    },
  },
  en: {
    yes: 'Yes',
    states: {
      entered: 'Entered',
      asked: 'To be approved',
      held: 'Held',
      waiting: 'Waiting',
      offered: 'Offered',
      confirmed: 'Confirmed',
      used: 'Used',
      no_show: 'Did not come',
      cancelled: 'Cancelled',
      expired: 'Not confirmed in time',
      lapsed: 'Lapsed',
      lost: 'Not drawn',
      refused: 'Refused',
    },
  },
} satisfies Record<Language, { yes: string; states: Record<ClaimState, string> }>;

/** Exactly what the filter selects as CSV, a column for each question; made a page at a time, each with the caller's authority anew. */
export async function exportClaimants(
  c: Ctx,
  benefitId: number,
  filter: ClaimantFilter,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  const [found] = await c.env.db.execute<{ questions: Question[] }>(sql`
    with office as materialized (${offices(signedIn(c))})
    select coalesce(t.questions, '[]') as questions
    from ${readable(benefitId)} left join claim_terms t on t.benefit_id = b.id`);
  if (!found) return refuse(c);
  return csvStream(pagesOf(c, benefitId, filter, language, found.questions));
}

async function* pagesOf(
  c: Ctx,
  benefitId: number,
  filter: ClaimantFilter,
  language: Language,
  questions: readonly Question[],
): AsyncGenerator<Rows, void> {
  const isEnglish = language === 'en';
  yield [[...heads[language], ...questions.map((one) => (isEnglish ? one.labelEn : one.labelZh))]];
  let number = 0;
  let after: Cursor | undefined;
  do {
    const page = await listClaimants(c, benefitId, filter, rowsAPage, after);
    yield page.claimants.map((row) => {
      number += 1;
      return [
        number,
        ...cells(row, language),
        ...questions.map((one) => answerTo(one, row.answers, isEnglish)),
      ];
    });
    after = page.next ?? undefined;
  } while (after);
}

function cells(row: Claimant, language: Language): (string | number)[] {
  const isEnglish = language === 'en';
  const { name, union, session, quantity, state, madeAt, isForOther, attendedAt, reason } = row;
  const { yes, states } = words[language];
  const time = (at: string | null) => (at === null ? '' : sheetTime.format(new Date(at)));
  return [
    name,
    isEnglish ? union.nameEn : union.nameZh,
    session === null ? '' : isEnglish ? session.titleEn : session.titleZh,
    time(session?.startsAt ?? null),
    quantity,
    states[state],
    time(madeAt),
    isForOther ? yes : '',
    time(attendedAt),
    reason ?? '',
  ];
}

function answerTo(
  { id, options }: Question,
  answers: Answers,
  isEnglish: boolean,
): string | number {
  const given = answers[id] ?? '';
  const option = options?.find((one) => one.id === given);
  if (!option) return given;
  return isEnglish ? option.labelEn : option.labelZh;
}
