// Risk (I17): somebody reads or changes what is not his. Every route of the app × every role × what is his, what is
// another city's, and what is not there at all.
import { randomInt } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { app } from '../../api/app.ts';
import type { Operation } from '../../api/docs/operation.ts';
import { operations } from '../../api/docs/operations.ts';
import { Checksum } from '../support/checksum.ts';
import { createDatabase } from '../support/database.ts';
import { DevicePhone } from '../support/device-phone.ts';
import {
  Desks,
  idBeside,
  type Ids,
  missing,
  type Role,
  roles,
  tomorrow,
} from '../support/desks.ts';

const { sql } = await createDatabase();
const desks = await Desks.open(sql);
const sums = await Checksum.open(sql);

type Key = keyof typeof operations;
type Ask = { path: string; body?: unknown };

type Route = {
  /** Who gets it done on what is his own. */
  may: readonly Role[];
  ask: (ids: Ids) => Ask | Promise<Ask>;
  /** It asks with a pass or a ticket. */
  isScan?: true;
  /** Brings about what it changes. */
  prepare?: (ids: Ids) => Promise<unknown>;
  /** What everybody hears of another's thing or a missing one; null where the route names none. */
  elsewhere: string | ((role: Role) => string) | null;
  /** What anybody else hears on `own`; `not_found` unless said here. */
  refusal?: string | ((role: Role) => string);
};

const everybody = roles;
const persons = roles.filter((role) => role !== 'anonymous');
const readers: Role[] = [
  'administrator',
  'viewer',
  'finance',
  'editor',
  'auditor',
  'deputy',
  'city',
];
const officers: Role[] = [...readers, 'other'];
// By what the role lets its holder do in the member's district.
const editors: Role[] = ['administrator', 'editor', 'deputy', 'city'];
const treasurers: Role[] = ['administrator', 'finance', 'deputy', 'city'];
const operating: Role[] = ['administrator', 'deputy', 'city'];
const verifiers: Role[] = ['administrator', 'auditor', 'deputy', 'city'];
const inCharge: Role[] = ['administrator', 'city'];
// Of the roles that have the deed members.
const keepersOfMembers: Role[] = editors;
const counter: Role[] = ['operator', 'manager'];
const members: Role[] = ['member'];
// The union that contracted the partner has charge of its devices, together with its manager.
const keepers: Role[] = ['manager', 'other', 'city'];

const reason = '试一试';
// The union of the outlet, and those above it.
const hosts: Role[] = ['other', 'city'];

const leavers = () => ({ leavers: [{ person: { phone: newPhone() }, reason }] });
const newOutlet = (district: number) => ({
  districtId: district,
  nameZh: '分店',
  nameEn: 'Branch',
  addressZh: '路1号',
  addressEn: '1 Road',
  latitude: 39.9,
  longitude: 116.4,
  hours: Array(7).fill({ opens: 540, closes: 1260 }) as { opens: number; closes: number }[],
});
const newApplication = (district: number) => ({
  districtId: district,
  kind: 'gym',
  nameZh: '跃健身房',
  nameEn: 'A gym',
  licence: '91110105MA01ABCD13',
  contactName: '王经理',
  contactPhone: '13800138000',
  outlets: [newOutlet(district)],
});
const newPhone = () => `+8616${String(randomInt(1e9)).padStart(9, '0')}`;

const soon = () => new Date(Date.now() + 86_400_000).toISOString();

const roomOf = (union: number) => ({
  ...{ placeZh: '三楼活动室', placeEn: 'Third floor', peopleMax: 20 },
  ...{ minutesMin: 30, minutesMax: 120, minutesAWeek: 180, daysAhead: 14 },
  ...{ needsApproval: true, cancelMinutes: 60, lateCancelWeight: 0, noShowWeight: 1 },
  sharedWith: union,
  version: 1,
  reason,
});

const newTerms = {
  kind: 'gym',
  titleZh: '健身',
  titleEn: 'A gym',
  summaryZh: '一次',
  summaryEn: 'Once',
  priceFen: 1000,
  faceValueFen: 2000,
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2027-01-01T00:00:00Z',
  weekdays: [6, 7],
  opensMinute: 0,
  closesMinute: 1440,
  audience: {},
  validDistricts: null,
  quantityMax: 1,
  limitCount: 1,
  limitPeriod: 'week',
  cap: null,
};

const read = (path: string, may: readonly Role[], more: Partial<Route> = {}): Route => ({
  may,
  ask: () => ({ path }),
  elsewhere: null,
  ...more,
});

const ofStatement = (what: string, may: readonly Role[]): Route => ({
  may,
  ask: ({ pair }) => ({ path: `/api/statements/${pair}${what}` }),
  elsewhere: 'not_found',
});

let months = 0;
/** A month nobody booked anything in, after those that the desks closed. */
function nextMonth(): string {
  months += 1;
  return new Date(Date.UTC(2000, months, 1)).toISOString().slice(0, 10);
}

async function closed(): Promise<void> {
  for (;;) {
    const waiting = await sql`select from period where state = 'closing' limit 1`;
    if (waiting.length === 0) return;
  }
}

/** Its sign-up is over. */
async function closeLottery(benefit: number): Promise<void> {
  await sql`
    update claim_terms set opens_at = '2020-01-01Z', closes_at = '2020-01-02Z'
    where benefit_id = ${benefit}`;
  await sql`select close_draw(${benefit})`;
}

/** One entry a route; the last ones end sessions. */
const routes: Record<Key, Route> = {
  'GET /api/health': read('/api/health', everybody),
  'GET /api/health/ready': read('/api/health/ready', everybody),
  'GET /.well-known/jwks.json': read('/.well-known/jwks.json', everybody),
  'GET /api/openapi.json': read('/api/openapi.json', everybody),
  'GET /api/docs': read('/api/docs', everybody),
  'GET /api/session': read('/api/session', everybody),
  'GET /api/districts': read('/api/districts', everybody),
  'GET /api/demo/people': read('/api/demo/people', everybody),
  'GET /api/unions': read('/api/unions', officers),
  'GET /api/unions/:id/overview': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/overview` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/flows': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/flows?from=2026-11-01&to=2026-11-30` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/take-up': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/take-up` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/unused': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/unused` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/unusual': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/unusual` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/unmet': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/unmet?from=2026-11-01&to=2026-11-30` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/insights/:picture': {
    may: readers,
    ask: ({ union }) => ({
      path: `/api/unions/${union}/insights/flows?from=2026-11-01&to=2026-11-30`,
    }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/benefits': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/benefits` }),
    elsewhere: 'not_found',
  },
  'POST /api/unions/:id/benefits': {
    may: editors,
    ask: ({ union }) => ({ path: `/api/unions/${union}/benefits`, body: { ...newTerms, reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/terms': {
    may: readers,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}/terms` }),
    elsewhere: 'not_found',
  },
  'PATCH /api/benefits/:id/terms': {
    may: editors,
    ask: ({ benefit }) => ({
      path: `/api/benefits/${benefit}/terms`,
      body: { version: 1, reason, limitCount: 9 },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/pause': {
    may: editors,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}/pause`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/resume': {
    may: editors,
    prepare: ({ benefit }) =>
      sql`update benefit set paused_at = clock(), pause_reason = '修' where id = ${benefit}`,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}/resume`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/allocations': {
    may: readers,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}/allocations` }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/allocations/:pool': {
    may: treasurers,
    ask: ({ benefit, pool }) => ({
      path: `/api/benefits/${benefit}/allocations/${pool}`,
      body: { cap: 77, reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/allocations/:pool/top-up': {
    may: treasurers,
    ask: ({ benefit, pool }) => ({
      path: `/api/benefits/${benefit}/allocations/${pool}/top-up`,
      body: { units: 5, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/allocation-copies': {
    may: treasurers,
    prepare: async ({ benefit }) => {
      await sql`update benefit set quota_period = 'month' where id = ${benefit}`;
      await sql`
        insert into allocation (benefit_id, union_id, starts_at, cap)
        select id, union_id, '2026-01-01T00:00+08', 1 from benefit where id = ${benefit}
        on conflict do nothing`;
      await sql`
        delete from reservation where allocation_id in (
          select id from allocation where benefit_id = ${benefit} and starts_at = '2098-01-01T00:00+08')`;
      await sql`
        delete from allocation where benefit_id = ${benefit} and starts_at = '2098-01-01T00:00+08'`;
    },
    ask: ({ benefit }) => ({
      path: `/api/benefits/${benefit}/allocation-copies`,
      body: { from: '2026-01', month: '2098-01', reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/openings': {
    may: treasurers,
    prepare: ({ benefit, pool }) => sql`
      with kind as (update benefit set quota_period = 'total' where id = ${benefit})
      update allocation set cap = used + topped + 5
      where benefit_id = ${benefit} and district_id = ${pool}`,
    ask: ({ benefit, pool }) => ({
      path: `/api/benefits/${benefit}/openings`,
      body: { from: pool, to: 'shared', units: 1, returnsAt: soon(), reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/stage': {
    may: editors,
    prepare: ({ benefit }) => sql`
      update benefit set stage = 'published', held_by = null where id = ${benefit}`,
    ask: ({ benefit }) => ({
      path: `/api/benefits/${benefit}/stage`,
      body: { stage: 'ended', reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/funding-previews': {
    may: officers,
    ask: () => ({
      path: '/api/funding-previews',
      body: { funding: [{ payer: 'city', parts: 1 }], priceFen: 6000, quantity: 1 },
    }),
    elsewhere: null,
  },
  'GET /api/unions/:id/budgets/:year': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/budgets/2026` }),
    elsewhere: 'not_found',
  },
  'PUT /api/unions/:id/budgets/:year': {
    may: treasurers,
    prepare: ({ union }) => sql`
      update budget set amount_fen = 10, version = 1 where union_id = ${union} and year = 2099`,
    ask: ({ union }) => ({
      path: `/api/unions/${union}/budgets/2099`,
      body: { amountFen: 20, alertPercents: [80], version: 1, reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/budgets/:year/burn': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/budgets/2026/burn` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/budgets/:year/burn.csv': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/budgets/2026/burn.csv` }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/category-limits': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/category-limits` }),
    elsewhere: 'not_found',
  },
  'PUT /api/unions/:id/category-limits/:kind': {
    may: editors,
    prepare: ({ union }) => sql`delete from category_limit where union_id = ${union}`,
    ask: ({ union }) => ({
      path: `/api/unions/${union}/category-limits/gym`,
      body: { limitCount: 9, limitPeriod: 'week', reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/partners': read('/api/partners', officers),
  'GET /api/partners/:id': {
    // A partner is in the members' catalogue: any officer may look, at another city's too.
    may: officers,
    ask: ({ partner }) => ({ path: `/api/partners/${partner}` }),
    elsewhere: null,
  },
  'PUT /api/partners/:id/state': {
    may: hosts,
    prepare: ({ partner }) =>
      sql`update partner set paused_at = null, pause_reason = null where id = ${partner}`,
    ask: ({ partner }) => ({
      path: `/api/partners/${partner}/state`,
      body: { state: 'paused', reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/partners/:id/outlets': {
    may: hosts,
    prepare: () => sql`update partner set paused_at = null, pause_reason = null`,
    ask: ({ partner, union }) => ({
      path: `/api/partners/${partner}/outlets`,
      body: { ...newOutlet(union), reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/partners/:id/redemptions': {
    may: ['manager'],
    ask: ({ partner }) => ({ path: `/api/partners/${partner}/redemptions` }),
    elsewhere: 'not_found',
  },
  'GET /api/partners/:id/redemptions.csv': {
    may: ['manager'],
    ask: ({ partner }) => ({ path: `/api/partners/${partner}/redemptions.csv` }),
    elsewhere: 'not_found',
  },
  'GET /api/outlets/:id': {
    may: counter,
    ask: ({ outlet }) => ({ path: `/api/outlets/${outlet}` }),
    elsewhere: 'not_found',
  },
  'PATCH /api/outlets/:id': {
    may: ['manager'],
    ask: ({ outlet }) => ({
      path: `/api/outlets/${outlet}`,
      body: { addressZh: '路2号', addressEn: '2 Road', hours: Array(7).fill(null) as null[] },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/outlets/:id/closure': {
    may: hosts,
    prepare: ({ outlet }) =>
      sql`update outlet set closed_at = null, closed_by = null, close_reason = null where id = ${outlet}`,
    ask: ({ outlet }) => ({
      path: `/api/outlets/${outlet}/closure`,
      body: { isClosed: true, reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/partners': {
    // Also for the union that contracted one of them.
    may: officers,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}/partners` }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/partners/:partner': {
    may: editors,
    ask: ({ benefit, partner }) => ({
      path: `/api/benefits/${benefit}/partners/${partner}`,
      body: { capADay: randomInt(1, 1e6), reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/partners/:partner/state': {
    may: editors,
    ask: ({ benefit, partner }) => ({
      path: `/api/benefits/${benefit}/partners/${partner}/state`,
      body: { state: 'paused', reason },
    }),
    elsewhere: 'not_found',
  },
  'DELETE /api/benefits/:id/partners/:partner': {
    may: editors,
    ask: ({ benefit, partner }) => ({
      path: `/api/benefits/${benefit}/partners/${partner}`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/applications': read('/api/applications', officers),
  'GET /api/applications/:id': {
    may: ['other', 'city'],
    ask: ({ application }) => ({ path: `/api/applications/${application}` }),
    elsewhere: 'not_found',
  },
  'POST /api/applications/:id/decision': {
    may: hosts,
    ask: ({ application }) => ({
      path: `/api/applications/${application}/decision`,
      body: { decision: 'decline', version: 1, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/applications': {
    may: persons,
    prepare: () => sql`
      update application set submitted_at = '2020-01-01Z', state = 'withdrawn', decided_at = clock()`,
    ask: ({ union }) => ({ path: '/api/applications', body: newApplication(union) }),
    elsewhere: null,
  },
  'GET /api/me/applications': read('/api/me/applications', persons),
  'PUT /api/me/applications/:id': {
    may: members,
    prepare: ({ application }) =>
      sql`update application set state = 'asked', decided_at = clock() where id = ${application}`,
    ask: ({ application, union }) => ({
      path: `/api/me/applications/${application}`,
      body: { ...newApplication(union), version: 1 },
    }),
    elsewhere: 'not_found',
  },
  'DELETE /api/me/applications/:id': {
    may: members,
    ask: ({ application }) => ({ path: `/api/me/applications/${application}` }),
    elsewhere: 'not_found',
  },
  'GET /api/me/notices': read('/api/me/notices', members, { refusal: 'not_a_member' }),
  'POST /api/trials': {
    isScan: true,
    may: counter,
    prepare: ({ benefit }) =>
      sql`update benefit_partner set state = 'testing' where benefit_id = ${benefit}`,
    ask: ({ ticket, benefit }) => ({ path: '/api/trials', body: { ticket, benefit, quantity: 1 } }),
    elsewhere: 'ticket_invalid',
    refusal: 'ticket_invalid',
  },
  'GET /api/redemptions/:id/card': {
    may: readers,
    ask: ({ redemption }) => ({ path: `/api/redemptions/${redemption}/card` }),
    elsewhere: 'not_found',
  },
  'POST /api/redemptions/:id/card/block': {
    may: operating,
    ask: ({ redemption }) => ({
      path: `/api/redemptions/${redemption}/card/block`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'DELETE /api/redemptions/:id/card/block': {
    may: operating,
    prepare: ({ redemption }) => sql`
      update card c set status = 'blocked', ended_at = clock() from redemption r
      where r.id = ${redemption} and c.cell = r.cell and c.member_id = r.member_id and c.status = 'live'`,
    ask: ({ redemption }) => ({
      path: `/api/redemptions/${redemption}/card/block`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/operators': read('/api/operators', ['manager']),
  'POST /api/operators': {
    may: ['manager'],
    ask: ({ partner, outlet }) => ({
      path: '/api/operators',
      body: { partner, phone: newPhone(), name: '小王', outlets: [outlet] },
    }),
    elsewhere: 'not_found',
  },
  'DELETE /api/operators/:id': {
    may: ['manager'],
    ask: ({ operator }) => ({ path: `/api/operators/${operator}`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'POST /api/operators/:id/suspension': {
    may: ['manager'],
    ask: ({ operator }) => ({ path: `/api/operators/${operator}/suspension`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'DELETE /api/operators/:id/suspension': {
    may: ['manager'],
    prepare: ({ operator }) =>
      sql`update operator set suspended_at = clock() where id = ${operator}`,
    ask: ({ operator }) => ({ path: `/api/operators/${operator}/suspension`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/redemptions': read('/api/redemptions?limit=5', officers),
  'GET /api/redemptions.csv': read('/api/redemptions.csv?from=2026-01-01', officers),
  'GET /api/alerts': read('/api/alerts', officers),
  'POST /api/alerts/:id/close': {
    may: operating,
    ask: ({ alert }) => ({ path: `/api/alerts/${alert}/close`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/audit': read('/api/audit', officers),
  'GET /api/unions/:id/audit/verification': {
    may: verifiers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/audit/verification` }),
    elsewhere: 'not_found',
  },
  'POST /api/unions': {
    may: inCharge,
    ask: ({ union }) => ({
      path: '/api/unions',
      body: { parentId: union, kind: 'street', nameZh: '新街道', nameEn: 'New street', reason },
    }),
    elsewhere: 'not_found',
  },
  // A district keeps its name; a street of one's own is renamed in the tests of the tree.
  'PATCH /api/unions/:id': {
    may: [],
    ask: ({ union }) => ({
      path: `/api/unions/${union}`,
      body: { nameZh: '新名', nameEn: 'New name', reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/unions/:id/threshold': {
    may: inCharge,
    ask: ({ union }) => ({
      path: `/api/unions/${union}/threshold`,
      body: { twoPersonFen: 500_000, reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/people': {
    may: readers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/people` }),
    elsewhere: 'not_found',
  },
  'POST /api/unions/:id/invitations': {
    may: inCharge,
    ask: ({ union }) => ({
      path: `/api/unions/${union}/invitations`,
      body: { phone: newPhone(), name: '新人', role: 'finance', endsAt: null, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/invitations/:id/withdrawal': {
    may: inCharge,
    ask: ({ invitation }) => ({
      path: `/api/invitations/${invitation}/withdrawal`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/me/invitations/:id/answer': {
    may: members,
    ask: ({ invitation }) => ({
      path: `/api/me/invitations/${invitation}/answer`,
      body: { accept: false },
    }),
    elsewhere: 'not_found',
  },
  'PATCH /api/officers/:id': {
    may: inCharge,
    ask: ({ officer }) => ({ path: `/api/officers/${officer}`, body: { role: 'auditor', reason } }),
    elsewhere: 'not_found',
  },
  'POST /api/officers/:id/delegations': {
    may: ['administrator'],
    ask: ({ office, officer }) => ({
      path: `/api/officers/${office}/delegations`,
      body: { to: officer, endsAt: soon(), reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/delegations/:id/end': {
    may: inCharge,
    ask: ({ delegation }) => ({ path: `/api/delegations/${delegation}/end`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/officers/:id/sessions': {
    may: inCharge,
    ask: ({ officer }) => ({ path: `/api/officers/${officer}/sessions` }),
    elsewhere: 'not_found',
  },
  'DELETE /api/officers/:id/sessions': {
    may: inCharge,
    ask: ({ officer }) => ({ path: `/api/officers/${officer}/sessions`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/periods': read('/api/periods', officers),
  'POST /api/periods/:month/closing': {
    may: ['city'],
    // The statements follow in the background, and must not do so while another route is looked at.
    prepare: () => closed(),
    ask: () => ({ path: `/api/periods/${nextMonth()}/closing` }),
    elsewhere: null,
  },
  'GET /api/statements': read('/api/statements?limit=5', ['manager', ...officers]),
  'GET /api/statements.csv': read('/api/statements.csv?kind=partner', ['manager', ...officers]),
  'GET /api/statements/:id': ofStatement('', officers),
  'GET /api/statements/:id/lines': ofStatement('/lines', officers),
  'GET /api/statements/:id/lines.csv': ofStatement('/lines.csv', officers),
  'GET /api/statements/:id/lines.xlsx': ofStatement('/lines.xlsx', officers),
  'POST /api/statements/:id/confirmation': {
    may: treasurers,
    prepare: ({ pair }) => sql`
      update dispute set state = 'withdrawn', answered_at = clock() where statement_id = ${pair}`,
    ask: ({ pair, union }) => ({ path: `/api/statements/${pair}/confirmation`, body: { union } }),
    elsewhere: 'not_found',
  },
  'POST /api/statements/:id/disputes': {
    may: treasurers,
    ask: ({ pair, union, redemption }) => ({
      path: `/api/statements/${pair}/disputes`,
      body: { union, redemption, claimedFen: 0, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/disputes/:id/answer': {
    may: treasurers,
    ask: ({ dispute }) => ({
      path: `/api/disputes/${dispute}/answer`,
      body: { decision: 'accept', reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/statements/:id/suspensions/:redemption': {
    may: hosts,
    ask: ({ account, redemption }) => ({
      path: `/api/statements/${account}/suspensions/${redemption}`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'DELETE /api/statements/:id/suspensions/:redemption': {
    may: hosts,
    prepare: ({ account, redemption }) => sql`
      insert into suspension (statement_id, cell, redemption_id, amount_fen, reason, suspended_by, suspended_at)
      select ${account}, cell, id, 100, '查', '', clock() from redemption where id = ${redemption}`,
    ask: ({ account, redemption }) => ({
      path: `/api/statements/${account}/suspensions/${redemption}`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/statements/:id/invoice': {
    may: hosts,
    ask: ({ account }) => ({
      path: `/api/statements/${account}/invoice`,
      body: { number: `2611200000${account}` },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/statements/:id/payment': {
    may: hosts,
    prepare: ({ account }) => sql`
      update statement set invoice_number = 'FP' || id, invoiced_at = clock(), payable_fen = 200
      where id = ${account}`,
    ask: ({ account }) => ({
      path: `/api/statements/${account}/payment`,
      body: { bankReference: 'ICBC-0007731', paidOn: '2026-01-01' },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/proposals': read('/api/proposals', officers),
  'POST /api/proposals/:id/confirmation': {
    may: ['city'],
    ask: ({ proposal }) => ({ path: `/api/proposals/${proposal}/confirmation`, body: {} }),
    elsewhere: 'not_found',
    refusal: (role) => (role === 'administrator' ? 'proposal_own' : 'not_found'),
  },
  'POST /api/proposals/:id/refusal': {
    may: ['city'],
    ask: ({ proposal }) => ({ path: `/api/proposals/${proposal}/refusal`, body: { reason } }),
    elsewhere: 'not_found',
    refusal: (role) => (role === 'administrator' ? 'proposal_own' : 'not_found'),
  },
  'POST /api/proposals/:id/withdrawal': {
    may: ['administrator'],
    ask: ({ proposal }) => ({ path: `/api/proposals/${proposal}/withdrawal`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/me/sessions': read('/api/me/sessions', persons),
  'DELETE /api/me/sessions': {
    may: persons,
    ask: () => ({ path: '/api/me/sessions' }),
    elsewhere: null,
  },
  'DELETE /api/me/sessions/:id': {
    may: members,
    ask: ({ session }) => ({ path: `/api/me/sessions/${session}` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits': read('/api/benefits', members, { refusal: 'not_a_member' }),
  'GET /api/benefits/:id': {
    may: members,
    ask: ({ benefit }) => ({ path: `/api/benefits/${benefit}` }),
    elsewhere: null,
  },
  'PUT /api/claims/:id': {
    may: members,
    ask: ({ claim, activity, meeting }) => ({
      path: `/api/claims/${idBeside(claim)}`,
      body: { benefit: activity, session: meeting },
    }),
    elsewhere: null,
    refusal: 'member_unknown',
  },
  // Who keeps the members acts for them.
  'POST /api/claims/:id/confirmation': {
    may: [...members, ...keepersOfMembers],
    ask: ({ claim }) => ({ path: `/api/claims/${claim}/confirmation` }),
    elsewhere: 'not_found',
  },
  'POST /api/claims/:id/cancellation': {
    may: [...members, ...keepersOfMembers],
    ask: ({ claim }) => ({ path: `/api/claims/${claim}/cancellation` }),
    elsewhere: 'not_found',
  },
  'POST /api/claims/:id/move': {
    may: [...members, ...keepersOfMembers],
    ask: ({ claim, meeting }) => ({
      path: `/api/claims/${claim}/move`,
      body: { session: meeting },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/claims/:id': {
    may: [...members, ...keepersOfMembers],
    ask: ({ claim }) => ({ path: `/api/claims/${claim}` }),
    elsewhere: 'not_found',
  },
  'GET /api/claims/:id/calendar': {
    may: [...members, ...keepersOfMembers],
    ask: ({ claim }) => ({ path: `/api/claims/${claim}/calendar` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/claims': {
    may: members,
    ask: ({ activity }) => ({ path: `/api/benefits/${activity}/claims` }),
    elsewhere: null,
  },
  'POST /api/benefits/:id/draw': {
    may: editors,
    prepare: ({ lottery }) => sql`delete from draw where benefit_id = ${lottery}`,
    ask: ({ lottery }) => ({
      path: `/api/benefits/${lottery}/draw`,
      body: { numberZh: '双色球', numberEn: 'Lottery', reason },
    }),
    elsewhere: 'not_found',
  },
  // A draw is told to whoever is signed in.
  'GET /api/benefits/:id/draw': {
    may: persons,
    ask: ({ lottery }) => ({ path: `/api/benefits/${lottery}/draw` }),
    elsewhere: null,
  },
  'GET /api/benefits/:id/draw/list': {
    may: persons,
    prepare: ({ lottery }) => closeLottery(lottery),
    ask: ({ lottery }) => ({ path: `/api/benefits/${lottery}/draw/list` }),
    elsewhere: null,
  },
  'GET /api/benefits/:id/draw/chances.csv': {
    may: persons,
    ask: ({ lottery }) => ({ path: `/api/benefits/${lottery}/draw/chances.csv` }),
    elsewhere: null,
  },
  'GET /api/benefits/:id/draw/rehearsal': {
    may: editors,
    ask: ({ lottery }) => ({ path: `/api/benefits/${lottery}/draw/rehearsal` }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/draw/number': {
    may: editors,
    prepare: async ({ lottery }) => {
      await closeLottery(lottery);
      await sql`
        update proposal set state = 'stale', decided_at = clock(), decided_by = 'service'
        where subject = 'benefit' and subject_id = ${String(lottery)} and state = 'open'`;
    },
    ask: ({ lottery }) => ({
      path: `/api/benefits/${lottery}/draw/number`,
      body: { number: '03 11 17 20 25 31 + 08', reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/outlets/:id/door': {
    may: counter,
    ask: ({ outlet }) => ({ path: `/api/outlets/${outlet}/door` }),
    elsewhere: 'not_found',
  },
  'GET /api/claim-sessions/:id/door': {
    may: editors,
    ask: ({ gathering }) => ({ path: `/api/claim-sessions/${gathering}/door` }),
    elsewhere: 'not_found',
  },
  'POST /api/claim-sessions/:id/attendance': {
    isScan: true,
    may: editors,
    ask: ({ gathering, pass }) => ({
      path: `/api/claim-sessions/${gathering}/attendance`,
      body: { pass },
    }),
    elsewhere: 'pass_invalid',
  },
  // Nobody here but the counter has a ticket of his own; an organiser's is the door's own test.
  'POST /api/claim-sessions/:id/walk-ins': {
    isScan: true,
    may: counter,
    ask: ({ premiere, claim, ticket }) => ({
      path: `/api/claim-sessions/${premiere}/walk-ins`,
      body: { id: idBeside(claim), ticket },
    }),
    elsewhere: 'ticket_invalid',
    refusal: 'ticket_invalid',
  },
  'POST /api/claims/:id/attendance': {
    may: editors,
    ask: ({ guest }) => ({ path: `/api/claims/${guest}/attendance`, body: {} }),
    elsewhere: 'not_found',
  },
  'DELETE /api/claims/:id/attendance': {
    may: editors,
    prepare: ({ guest }) => sql`select attend_claim(${guest}, '', null)`,
    ask: ({ guest }) => ({ path: `/api/claims/${guest}/attendance`, body: {} }),
    elsewhere: 'not_found',
  },
  'POST /api/claims/:id/no-show': {
    may: editors,
    prepare: ({ guest }) => sql`
      update session s set starts_at = clock() - interval '2 hours', ends_at = clock() - interval '1 hour'
      from claim c where c.id = ${guest} and s.id = c.session_id`,
    ask: ({ guest }) => ({ path: `/api/claims/${guest}/no-show`, body: { reason: '没有来' } }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/marks': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/marks` }),
    elsewhere: 'not_found',
  },
  'POST /api/marks/:id/lift': {
    may: keepersOfMembers,
    ask: ({ mark }) => ({ path: `/api/marks/${mark}/lift`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/claimable': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/claimable` }),
    elsewhere: 'not_found',
  },
  'GET /api/me/marks': read('/api/me/marks', members, { refusal: 'not_a_member' }),
  'PUT /api/benefits/:id/room': {
    may: editors,
    ask: ({ room, union }) => ({ path: `/api/benefits/${room}/room`, body: roomOf(union) }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/room': {
    may: members,
    ask: ({ room }) => ({ path: `/api/benefits/${room}/room` }),
    elsewhere: null,
  },
  'GET /api/benefits/:id/room-calendar': {
    may: readers,
    ask: ({ room }) => ({ path: `/api/benefits/${room}/room-calendar` }),
    elsewhere: 'not_found',
  },
  'PUT /api/room-claims/:id': {
    may: members,
    ask: ({ claim, room }) => ({
      path: `/api/room-claims/${idBeside(claim)}`,
      body: {
        ...{ benefit: room, people: 8, purpose: '羽毛球' },
        ...{ startsAt: tomorrow('14:00'), endsAt: tomorrow('15:00') },
      },
    }),
    elsewhere: null,
    refusal: 'member_unknown',
  },
  'POST /api/benefits/:id/codes': {
    may: editors,
    ask: ({ offer }) => ({
      path: `/api/benefits/${offer}/codes`,
      body: { codes: ['ABCD-1', 'ABCD-2'], reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/usage': {
    may: readers,
    ask: ({ offer }) => ({ path: `/api/benefits/${offer}/usage` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/usage.csv': {
    may: readers,
    ask: ({ offer }) => ({ path: `/api/benefits/${offer}/usage.csv` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/claim-terms': {
    may: readers,
    ask: ({ activity }) => ({ path: `/api/benefits/${activity}/claim-terms` }),
    elsewhere: 'not_found',
  },
  'PUT /api/benefits/:id/claim-terms': {
    may: editors,
    ask: ({ activity }) => ({
      path: `/api/benefits/${activity}/claim-terms`,
      body: {
        kind: 'slot',
        opensAt: '2026-01-01T00:00:00Z',
        closesAt: '2090-01-01T00:00:00Z',
        holdMinutes: null,
        cancelMinutes: 60,
        hasWaitList: true,
        answerMinutes: 60,
        needsApproval: false,
        doorMinutes: 60,
        walkIns: false,
        questions: [],
        lateCancelWeight: 1,
        noShowWeight: 1,
        version: 1,
        reason,
      },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/sessions': {
    may: editors,
    ask: ({ activity }) => ({
      path: `/api/benefits/${activity}/sessions`,
      body: {
        sessions: [
          { startsAt: '2080-06-04T10:00:00+08:00', endsAt: '2080-06-04T12:00:00+08:00', cap: 3 },
        ],
        reason,
      },
    }),
    elsewhere: 'not_found',
  },
  'PUT /api/claim-sessions/:id/cap': {
    may: editors,
    ask: ({ meeting }) => ({
      path: `/api/claim-sessions/${meeting}/cap`,
      body: { cap: 7, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/claim-sessions/:id/cancellation': {
    may: editors,
    ask: ({ meeting }) => ({
      path: `/api/claim-sessions/${meeting}/cancellation`,
      body: { reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/benefits/:id/waves': {
    may: editors,
    prepare: ({ activity }) => sql`update benefit set claim_kind = 'drop' where id = ${activity}`,
    ask: ({ activity, meeting }) => ({
      path: `/api/benefits/${activity}/waves`,
      body: {
        opensAt: '2079-01-01T10:00:00+08:00',
        units: [{ session: meeting, units: 5 }],
        reason,
      },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/claimants': {
    may: readers,
    ask: ({ activity }) => ({ path: `/api/benefits/${activity}/claimants` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/claimants.csv': {
    may: readers,
    ask: ({ activity }) => ({ path: `/api/benefits/${activity}/claimants.csv` }),
    elsewhere: 'not_found',
  },
  'GET /api/benefits/:id/drop': {
    may: readers,
    prepare: ({ activity }) => sql`update benefit set claim_kind = 'drop' where id = ${activity}`,
    ask: ({ activity }) => ({ path: `/api/benefits/${activity}/drop` }),
    elsewhere: 'not_found',
  },
  'POST /api/claims/:id/decision': {
    may: editors,
    prepare: ({ claim }) =>
      sql.begin(async (tx) => {
        // It was confirmed at once, and goes forward only.
        await tx`set local session_replication_role = replica`;
        await tx`update claim set state = 'asked' where id = ${claim}`;
      }),
    ask: ({ claim }) => ({ path: `/api/claims/${claim}/decision`, body: { accept: true } }),
    elsewhere: 'not_found',
  },
  'GET /api/me/claims': read('/api/me/claims', members, { refusal: 'not_a_member' }),
  'GET /api/me/inbox': read('/api/me/inbox', members, { refusal: 'not_a_member' }),
  'GET /api/me/inbox/unread': read('/api/me/inbox/unread', members, { refusal: 'not_a_member' }),
  'PUT /api/me/inbox/read': {
    may: members,
    ask: () => ({ path: '/api/me/inbox/read', body: { through: 0 } }),
    elsewhere: null,
    refusal: 'not_a_member',
  },
  'GET /api/me/passes': read('/api/me/passes', members, { refusal: 'not_a_member' }),
  'GET /api/me/events': read('/api/me/events', members, { refusal: 'not_a_member' }),
  'GET /api/me/redemptions': read('/api/me/redemptions', members, { refusal: 'not_a_member' }),
  'POST /api/me/redemptions/:id/alert': {
    may: members,
    ask: ({ redemption }) => ({ path: `/api/me/redemptions/${redemption}/alert` }),
    elsewhere: 'not_found',
  },
  'POST /api/me/card/enrolment': {
    may: members,
    ask: () => ({ path: '/api/me/card/enrolment', body: { phoneLabel: '手机' } }),
    elsewhere: null,
    refusal: 'not_a_member',
  },
  'POST /api/scans': {
    isScan: true,
    may: counter,
    ask: ({ pass, outlet }) => ({ path: '/api/scans', body: { pass, outlet } }),
    elsewhere: 'pass_invalid',
    refusal: 'operator_suspended',
  },
  'PUT /api/redemptions/:id': {
    isScan: true,
    may: counter,
    ask: ({ redemption, ticket, benefit }) => ({
      path: `/api/redemptions/${idBeside(redemption)}`,
      body: { ticket, benefit, quantity: 1 },
    }),
    elsewhere: 'ticket_invalid',
    refusal: 'ticket_invalid',
  },
  'POST /api/redemptions/:id/reversal': {
    may: [...counter, ...operating, 'other'],
    ask: ({ redemption }) => ({
      path: `/api/redemptions/${redemption}/reversal`,
      body: { id: idBeside(redemption), reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/outlets/:id/redemptions': {
    may: counter,
    ask: ({ outlet }) => ({ path: `/api/outlets/${outlet}/redemptions` }),
    elsewhere: 'not_found',
  },
  'GET /api/card-status': read('/api/card-status', [...counter, ...officers]),
  'POST /api/outlets/:id/pairings': {
    may: keepers,
    ask: ({ outlet }) => ({ path: `/api/outlets/${outlet}/pairings`, body: { name: '一号机' } }),
    elsewhere: 'not_found',
  },
  'POST /api/devices': {
    may: counter,
    ask: async ({ code }) => ({
      path: '/api/devices',
      body: { code, publicKey: (await DevicePhone.make()).publicKey },
    }),
    elsewhere: (role) => (counter.includes(role) ? 'pairing_invalid' : 'not_found'),
  },
  'GET /api/devices': read('/api/devices', ['manager', ...officers]),
  'POST /api/devices/:id/revocation': {
    may: keepers,
    ask: ({ device }) => ({ path: `/api/devices/${device}/revocation`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/devices/:id/briefing': {
    may: counter,
    ask: ({ device }) => ({ path: `/api/devices/${device}/briefing` }),
    elsewhere: 'not_found',
  },
  'POST /api/devices/:id/leases': {
    may: counter,
    ask: ({ device }) => ({ path: `/api/devices/${device}/leases` }),
    elsewhere: 'not_found',
  },
  'DELETE /api/devices/:id/leases': {
    may: counter,
    ask: ({ device }) => ({ path: `/api/devices/${device}/leases` }),
    elsewhere: 'not_found',
  },
  'POST /api/devices/:id/uploads': {
    may: counter,
    ask: ({ device, upload }) => ({ path: `/api/devices/${device}/uploads`, body: upload }),
    elsewhere: 'not_found',
  },
  'GET /api/devices/:id/items': {
    may: counter,
    ask: ({ item }) => ({ path: `/api/devices/${item.split('/')[0] ?? ''}/items` }),
    elsewhere: 'not_found',
  },
  'GET /api/offline-items': read('/api/offline-items', ['manager', ...officers]),
  'POST /api/offline-items/:device/:seq/:hash/decision': {
    may: operating,
    ask: ({ item }) => ({
      path: `/api/offline-items/${item}/decision`,
      body: { decision: 'reject', reason },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/me/proxies': read('/api/me/proxies', members, { refusal: 'not_a_member' }),
  'POST /api/me/proxies': {
    may: members,
    ask: () => ({ path: '/api/me/proxies', body: { phone: newPhone(), label: '女儿' } }),
    elsewhere: null,
    refusal: 'not_a_member',
  },
  'DELETE /api/me/proxies/:id': {
    may: members,
    ask: ({ proxy }) => ({ path: `/api/me/proxies/${proxy}` }),
    elsewhere: 'not_found',
  },
  'GET /api/me/mandates': read('/api/me/mandates', persons),
  'POST /api/me/mandates/:id/acceptance': {
    may: members,
    ask: ({ mandate }) => ({ path: `/api/me/mandates/${mandate}/acceptance` }),
    elsewhere: 'not_found',
  },
  'DELETE /api/me/mandates/:id': {
    may: members,
    ask: ({ mandate }) => ({ path: `/api/me/mandates/${mandate}` }),
    elsewhere: 'not_found',
  },
  'POST /api/me/mandates/:id/enrolment': {
    may: members,
    ask: ({ mandate }) => ({
      path: `/api/me/mandates/${mandate}/enrolment`,
      body: { phoneLabel: '手机' },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/me/mandates/:id/passes': {
    may: members,
    prepare: ({ mandate }) => sql`
      select make_card(p.cell, p.member_id, 'proxy', p.id, c.phone_hash, '', null)
      from proxy p
      join member m on m.user_id = p.user_id
      join card c on c.cell = m.cell and c.member_id = m.id and c.status = 'live'
        and c.kind = 'phone'
      where p.id = ${mandate}`,
    ask: ({ mandate }) => ({ path: `/api/me/mandates/${mandate}/passes` }),
    elsewhere: 'not_found',
  },
  'GET /api/me/data': read('/api/me/data', members, { refusal: 'not_a_member' }),
  // Nobody here confirms it with his name.
  'POST /api/me/erasure': {
    may: [],
    ask: () => ({ path: '/api/me/erasure', body: { name: '不是本人' } }),
    elsewhere: null,
    refusal: (role) => (role === 'member' ? 'name_not_confirmed' : 'not_a_member'),
  },
  'GET /api/unions/:id/imports': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/imports` }),
    elsewhere: 'not_found',
  },
  'GET /api/member-template': read('/api/member-template', everybody),
  'PUT /api/imports/:id': {
    may: keepersOfMembers,
    ask: ({ union }) => ({
      path: `/api/imports/${uuidv7()}`,
      body: { unionId: union, fileName: 'x.csv', bytes: 1 },
    }),
    elsewhere: 'not_found',
  },
  'GET /api/imports/:id': {
    may: keepersOfMembers,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}` }),
    elsewhere: 'not_found',
  },
  'DELETE /api/imports/:id': {
    may: keepersOfMembers,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}`, body: {} }),
    elsewhere: 'not_found',
  },
  // Bytes, not JSON: two of them are this file.
  'PUT /api/imports/:id/parts/:number': {
    may: keepersOfMembers,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/parts/0`, body: {} }),
    elsewhere: 'not_found',
  },
  'POST /api/imports/:id/upload': {
    may: [],
    ask: ({ roster }) => ({
      path: `/api/imports/${roster}/upload`,
      body: { digest: '0'.repeat(64) },
    }),
    elsewhere: 'not_found',
    refusal: (role) => (keepersOfMembers.includes(role) ? 'parts_missing' : 'not_found'),
  },
  'POST /api/imports/:id/check': {
    may: keepersOfMembers,
    prepare: ({ roster }) => sql`update member_import set state = 'failed' where id = ${roster}`,
    ask: ({ roster }) => ({
      path: `/api/imports/${roster}/check`,
      body: { columns: { name: 0, phone: 1 }, isComplete: false },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/imports/:id/commit': {
    may: keepersOfMembers,
    prepare: ({ roster }) => sql`update member_import set state = 'checked' where id = ${roster}`,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/commit`, body: {} }),
    elsewhere: 'not_found',
  },
  'POST /api/imports/:id/undo': {
    may: keepersOfMembers,
    prepare: ({ roster }) =>
      sql`update member_import set state = 'done', done_at = clock() where id = ${roster}`,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/undo`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/imports/:id/people': {
    may: keepersOfMembers,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/people?group=leaving` }),
    elsewhere: 'not_found',
  },
  'GET /api/imports/:id/rejected': {
    may: keepersOfMembers,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/rejected` }),
    elsewhere: 'not_found',
  },
  'GET /api/imports/:id/rejected.csv': {
    may: keepersOfMembers,
    prepare: ({ roster }) =>
      sql`update member_import set encoding = 'utf-8', delimiter = ',' where id = ${roster}`,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/rejected.csv` }),
    elsewhere: 'not_found',
  },
  'GET /api/imports/:id/not-undone.csv': {
    may: keepersOfMembers,
    prepare: ({ roster }) => sql`update member_import set state = 'undone' where id = ${roster}`,
    ask: ({ roster }) => ({ path: `/api/imports/${roster}/not-undone.csv` }),
    elsewhere: 'not_found',
  },
  'POST /api/unions/:id/members/search': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/members/search`, body: {} }),
    elsewhere: 'not_found',
  },
  'GET /api/members/:id': {
    may: keepersOfMembers,
    ask: ({ person }) => ({ path: `/api/members/${person}` }),
    elsewhere: 'not_found',
  },
  'POST /api/members/:id/leave': {
    may: keepersOfMembers,
    ask: ({ person }) => ({ path: `/api/members/${person}/leave`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'DELETE /api/members/:id/leave': {
    may: keepersOfMembers,
    prepare: ({ person }) =>
      sql`update affiliation set ended_at = clock() where member_id = ${person}`,
    ask: ({ person }) => ({ path: `/api/members/${person}/leave`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'POST /api/unions/:id/leavers': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/leavers`, body: leavers() }),
    elsewhere: 'not_found',
  },
  'DELETE /api/unions/:id/leavers': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/leavers`, body: leavers() }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/transfers': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/transfers` }),
    elsewhere: 'not_found',
  },
  // Only an enterprise takes members; these unions are districts.
  'POST /api/unions/:id/transfers': {
    may: [],
    ask: ({ union }) => ({
      path: `/api/unions/${union}/transfers`,
      body: { person: { phone: newPhone() }, reason },
    }),
    elsewhere: 'not_found',
  },
  'POST /api/transfers/:id/decision': {
    may: keepersOfMembers,
    ask: ({ move }) => ({
      path: `/api/transfers/${move}/decision`,
      body: { isAgreed: false, reason },
    }),
    elsewhere: 'not_found',
  },
  // Who asked withdraws it: here that is the union itself.
  'DELETE /api/transfers/:id': {
    may: keepersOfMembers,
    prepare: ({ move }) => sql`
      update affiliation_transfer set from_union_id = to_union_id, to_union_id = from_union_id
      where id = ${move}`,
    ask: ({ move }) => ({ path: `/api/transfers/${move}`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/me/transfers': read('/api/me/transfers', members, { refusal: 'not_a_member' }),
  'POST /api/me/transfers/:id/decision': {
    may: members,
    ask: ({ move }) => ({ path: `/api/me/transfers/${move}/decision`, body: { isAgreed: false } }),
    elsewhere: (role) => (role === 'member' ? 'not_found' : 'not_a_member'),
    refusal: 'not_a_member',
  },
  'GET /api/members/:id/printed-card': {
    may: keepersOfMembers,
    ask: ({ person }) => ({ path: `/api/members/${person}/printed-card` }),
    elsewhere: 'not_found',
  },
  'PUT /api/members/:id/printed-card': {
    may: keepersOfMembers,
    ask: ({ person }) => ({ path: `/api/members/${person}/printed-card`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'DELETE /api/members/:id/printed-card': {
    may: keepersOfMembers,
    prepare: ({ person }) => sql`
      select make_card(cell, id, 'printed', null, '', '', clock() + interval '1 year')
      from member where id = ${person}`,
    ask: ({ person }) => ({ path: `/api/members/${person}/printed-card`, body: { reason } }),
    elsewhere: 'not_found',
  },
  'GET /api/unions/:id/printed-cards': {
    may: keepersOfMembers,
    ask: ({ union }) => ({ path: `/api/unions/${union}/printed-cards` }),
    elsewhere: 'not_found',
  },
  'POST /api/members/:id/clerk': {
    may: keepersOfMembers,
    ask: ({ person }) => ({ path: `/api/members/${person}/clerk`, body: { reason, hours: 2 } }),
    elsewhere: 'not_found',
  },
  'POST /api/me/card/loss': {
    may: members,
    ask: () => ({ path: '/api/me/card/loss' }),
    elsewhere: null,
    refusal: 'not_a_member',
  },
  'POST /api/auth/phone-number/send-otp': {
    may: everybody,
    ask: () => ({ path: '/api/auth/phone-number/send-otp', body: { phoneNumber: newPhone() } }),
    elsewhere: null,
  },
  'POST /api/auth/phone-number/verify': {
    may: [],
    ask: () => ({
      path: '/api/auth/phone-number/verify',
      body: { phoneNumber: newPhone(), code: '000000' },
    }),
    elsewhere: null,
    refusal: 'code_not_accepted',
  },
  'POST /api/auth/two-factor/enable': {
    may: [],
    ask: () => ({ path: '/api/auth/two-factor/enable' }),
    elsewhere: null,
    refusal: (role) => (officers.includes(role) ? 'second_factor_exists' : 'not_found'),
  },
  'POST /api/auth/two-factor/verify-totp': {
    may: [],
    ask: () => ({ path: '/api/auth/two-factor/verify-totp', body: { code: '000000' } }),
    elsewhere: null,
    refusal: 'code_not_accepted',
  },
  'POST /api/demo/code': {
    may: [],
    ask: () => ({ path: '/api/demo/code', body: { phone: newPhone() } }),
    elsewhere: null,
  },
  'POST /api/demo/second-factor': {
    may: [...officers, 'former'],
    ask: () => ({ path: '/api/demo/second-factor' }),
    elsewhere: null,
  },
  'POST /api/session/revocation': {
    may: persons,
    ask: () => ({ path: '/api/session/revocation' }),
    elsewhere: null,
  },
  'POST /api/auth/sign-out': {
    may: everybody,
    ask: () => ({ path: '/api/auth/sign-out' }),
    elsewhere: null,
  },
};

/** What the app answers, as a method and a path each. */
const served = new Set(
  app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`),
);

async function call(role: Role, key: Key, ids: Ids): Promise<Response> {
  const { path, body } = await routes[key].ask(ids);
  const answer = await desks.browsers[role].request(key.split(' ')[0] ?? '', path, body);
  // What goes on behind an answer is this caller's, not the next one's.
  await Promise.all([desks.counter, desks.console].flatMap(({ app }) => app.working));
  return answer;
}

type Heard = { requestId: string; status: number; code: string };

async function problem(answer: Response): Promise<Heard> {
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  const body = (await answer.json()) as Heard;
  return { ...body, requestId: '' };
}

test('the table holds every route of the app, and no other', () => {
  expect(Object.keys(routes).sort()).toEqual([...served].sort());
  expect(Object.keys(routes)).toHaveLength(served.size);
});

test('a checksum tells one changed field', async () => {
  const { benefit } = await desks.own();
  const before = await sums.word();
  await sql`update benefit set limit_count = limit_count + 1 where id = ${benefit}`;
  expect(await sums.word()).not.toBe(before);
});

const withIds = (Object.keys(routes) as Key[]).filter((key) => routes[key].elsewhere !== null);

test.each(withIds)(
  '%s: another city’s thing and a missing one are the same to everybody',
  async (key) => {
    const foreign = await thingsOf('foreign', key);
    const before = await sums.word();
    const { elsewhere } = routes[key];
    await Promise.all(
      roles.map(async (role) => {
        const heard = await problem(await call(role, key, foreign));
        const heardHere = typeof elsewhere === 'function' ? elsewhere(role) : elsewhere;
        const expected = role === 'anonymous' ? 'not_signed_in' : heardHere;
        expect([role, heard.code]).toEqual([role, expected]);
        expect([role, await problem(await call(role, key, missing))]).toEqual([role, heard]);
      }),
    );
    expect(await sums.word()).toBe(before);
  },
);

test.each(Object.keys(routes) as Key[])(
  '%s: done for those it is for, refused to all others',
  async (key) => {
    const { may, isScan } = routes[key];
    let ids = await thingsOf('own', key);
    const others = roles.filter((role) => !may.includes(role));
    const before = await sums.word();
    if (!isScan) {
      await Promise.all(others.map((role) => expectRefused(key, role, ids)));
      expect(await sums.word()).toBe(before);
    }
    for (const role of isScan ? roles : may) {
      if (isScan) ids = { ...ids, ...(await desks.show(role)) };
      if (others.includes(role)) {
        const shown = await sums.word();
        await expectRefused(key, role, ids);
        expect([role, await sums.word()]).toEqual([role, shown]);
        continue;
      }
      const isFirst = role === may.find((one) => one !== 'anonymous');
      const as = isFirst && isAdministrative(key) ? await state() : null;
      await expectDocumented(key, role, await call(role, key, ids));
      if (as) {
        const { isChanged, entries } = await since(as);
        expect([role, entries]).toEqual([role, isChanged ? 1 : 0]);
      }
      if (key.startsWith('GET')) continue;
      things.own = null;
      if (role !== may.at(-1)) ids = await thingsOf('own', key);
    }
  },
);

const things: Record<'own' | 'foreign', Ids | null> = { own: null, foreign: null };

/** New ones, unless those of the last route are as they were made. */
async function thingsOf(whose: 'own' | 'foreign', key: Key): Promise<Ids> {
  const { prepare } = routes[key];
  const ids = things[whose] ?? (await desks[whose]());
  things[whose] = prepare ? null : ids;
  await prepare?.(ids);
  return ids;
}

async function expectRefused(key: Key, role: Role, ids: Ids): Promise<void> {
  const { refusal = 'not_found' } = routes[key];
  const named = typeof refusal === 'string' ? refusal : refusal(role);
  const isStranger = role === 'anonymous' && operations[key].caller !== 'anyone';
  const { code } = await problem(await call(role, key, ids));
  expect([role, code]).toEqual([role, isStranger ? 'not_signed_in' : named]);
}

/** I20: what an office changes is told in the audit once; but for what is a record itself. */
function isAdministrative(key: Key): boolean {
  const others: Key[] = [
    'POST /api/redemptions/:id/reversal',
    // What is uploaded changes nobody before it is committed.
    'PUT /api/imports/:id',
    'PUT /api/imports/:id/parts/:number',
    'POST /api/imports/:id/check',
    // A search writes nothing, and these leavers are nobody: the feed's own test has real ones.
    'POST /api/unions/:id/members/search',
    'POST /api/unions/:id/leavers',
    'DELETE /api/unions/:id/leavers',
    // What becomes of a claim is told in its own events.
    'POST /api/claim-sessions/:id/attendance',
    'POST /api/claims/:id/attendance',
    'DELETE /api/claims/:id/attendance',
    'POST /api/claims/:id/no-show',
  ];
  const { caller } = operations[key];
  const isOffice = caller === 'officer' || caller === 'administrator';
  return isOffice && !key.startsWith('GET') && !others.includes(key);
}

type State = { sum: string; entries: number };

async function state(): Promise<State> {
  // The end of a close is a change of its own, behind the answer that began it.
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from audit_entry where action <> 'period.close'`;
  return { sum: await sums.word(), entries: row?.count ?? 0 };
}

async function since(before: State): Promise<{ isChanged: boolean; entries: number }> {
  const now = await state();
  return { isChanged: now.sum !== before.sum, entries: now.entries - before.entries };
}

/** The answer is one that the document promises: its status, its media type, every field and no other. */
async function expectDocumented(key: Key, role: Role, answer: Response): Promise<void> {
  const { answers }: Operation = operations[key];
  const promised = answers[answer.status as keyof typeof answers];
  if (promised === undefined) throw new Error(`${role}: ${answer.status} ${await answer.text()}`);
  if (typeof promised === 'string') {
    expect(answer.headers.get('Content-Type')).toContain(promised);
    await answer.text();
  } else if (promised instanceof z.ZodType) {
    const body: unknown = await answer.json();
    expect([role, promised.parse(body)]).toEqual([role, body]);
  }
}
