// Risk: a member travels to a benefit that is not there any more, or hears news that is none of his.
import { expect, test } from 'vitest';
import { openConsole } from '../support/console.ts';
import { expectStatus, type Holder, openCounter } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const desk = await openConsole(sql, counter);
const { home, host } = counter.city.unions;
const reason = '暑期检修';

type Notice = {
  change: string;
  benefit: { id: number } | null;
  partner: { id: number } | null;
  outlet: { id: number } | null;
  reason: string | null;
  isYours: boolean;
};

async function newsOf({ phone }: Holder, benefit?: number): Promise<Notice[]> {
  const query = benefit === undefined ? '' : `?benefit=${benefit}`;
  const answer = phone.get(`/api/me/notices${query}`);
  return (await expectStatus<{ notices: Notice[] }>(answer, 200)).notices;
}

/** A partner of its own with a benefit of its own, and a member who used it; another one who did not. */
async function story() {
  await sql`alter table notice disable trigger user`;
  await sql`delete from notice`;
  await sql`alter table notice enable trigger user`;
  const partner = await counter.city.addPartner(host);
  const outlet = await counter.city.addOutlet(partner, host);
  const benefit = await counter.city.addBenefit({
    union: home,
    partners: [partner],
    limit: [9, 'total'],
  });
  const visitor = await counter.addHolder();
  const stranger = await counter.addHolder();
  const operator = await counter.city.addOperator(partner, [outlet]);
  const [key] = await sql<{ kid: number }[]>`select max(kid) as kid from signing_key`;
  const item = {
    ...counter.city.item(visitor, benefit),
    ...{ outlet: outlet.id, user: operator.userId, kid: key?.kid ?? 0 },
  };
  const [row] = await sql`select outcome from redeem(${sql.json([item])})`;
  expect(row).toEqual({ outcome: 'accepted' });
  return { partner, outlet, benefit, visitor, stranger };
}

test('everybody reads what is paused; only who used it reads that it goes on', async () => {
  const { partner, benefit, visitor, stranger } = await story();
  const set = (state: string) =>
    desk.at.host.put(`/api/partners/${partner}/state`, { state, reason });
  await expectStatus(set('paused'), 200);
  const paused = { change: 'paused', partner: { id: partner }, benefit: null, reason };
  expect(await newsOf(visitor)).toMatchObject([{ ...paused, isYours: true }]);
  expect(await newsOf(stranger, benefit)).toMatchObject([{ ...paused, isYours: false }]);
  await expectStatus(set('live'), 200);
  expect(await newsOf(visitor)).toMatchObject([{ change: 'resumed', isYours: true }]);
  expect(await newsOf(stranger)).toEqual([]);
});

test('a paused benefit is told without the union’s reason, a paused admission with its own', async () => {
  const { partner, benefit, visitor } = await story();
  await expectStatus(desk.at.home.post(`/api/benefits/${benefit}/pause`, { reason: '查账' }), 200);
  expect(await newsOf(visitor)).toMatchObject([{ benefit: { id: benefit }, reason: null }]);
  await expectStatus(desk.at.home.post(`/api/benefits/${benefit}/resume`, { reason: '无误' }), 200);
  const path = `/api/benefits/${benefit}/partners/${partner}/state`;
  await expectStatus(desk.at.home.put(path, { state: 'paused', reason }), 200);
  expect((await newsOf(visitor))[0]).toMatchObject({
    change: 'paused',
    benefit: { id: benefit },
    partner: { id: partner },
    reason,
  });
});

test('a partner that ends is one notice, also for a benefit asked for by itself', async () => {
  const { partner, benefit, visitor, stranger } = await story();
  const other = await counter.city.addBenefit({ union: home });
  const end = desk.at.host.put(`/api/partners/${partner}/state`, { state: 'ended', reason });
  await expectStatus(end, 200);
  expect(await newsOf(visitor)).toMatchObject([{ change: 'ended', partner: { id: partner } }]);
  expect(await newsOf(stranger, benefit)).toMatchObject([{ change: 'ended', isYours: false }]);
  expect(await newsOf(stranger, other)).toEqual([]);
});

test('what was paused and is over is told once, and what ended and is live anew goes on', async () => {
  const { partner, benefit, visitor } = await story();
  const path = `/api/benefits/${benefit}/partners/${partner}/state`;
  const set = (state: string) => desk.at.home.put(path, { state, reason });
  await expectStatus(set('ended'), 200);
  await sql`update benefit_partner set state = 'testing' where benefit_id = ${benefit}`;
  expect(await newsOf(visitor)).toMatchObject([{ change: 'ended', benefit: { id: benefit } }]);
  await sql`update benefit_partner set state = 'live' where benefit_id = ${benefit}`;
  expect(await newsOf(visitor)).toMatchObject([{ change: 'resumed', benefit: { id: benefit } }]);
  await expectStatus(set('paused'), 200);
  const end = desk.at.host.put(`/api/partners/${partner}/state`, { state: 'ended', reason });
  await expectStatus(end, 200);
  expect(await newsOf(visitor)).toMatchObject([{ change: 'ended', benefit: null }]);
});

test('a closed branch is told of, and a year later no more', async () => {
  const { outlet, visitor } = await story();
  const close = desk.at.host.put(`/api/outlets/${outlet.id}/closure`, { isClosed: true, reason });
  await expectStatus(close, 200);
  expect(await newsOf(visitor)).toMatchObject([
    { change: 'ended', outlet: { id: outlet.id }, isYours: true },
  ]);
  const { tell } = await later(visitor);
  expect(tell).toEqual([]);
});

test('what nobody could use is nobody’s news', async () => {
  const { partner, benefit, visitor } = await story();
  const draft = await counter.city.addBenefit({ union: home, partners: [partner] });
  await sql`update benefit set stage = 'test' where id = ${draft}`;
  await sql`update benefit set paused_at = clock(), pause_reason = '试' where id = ${draft}`;
  await sql`update benefit_partner set state = 'testing' where benefit_id = ${benefit}`;
  await sql`update benefit_partner set state = 'ended' where benefit_id = ${benefit}`;
  expect(await newsOf(visitor)).toEqual([]);
  const fresh = await counter.city.addPartner(host);
  const { id } = await counter.city.addOutlet(fresh, host);
  await counter.city.addBenefit({ union: home, partners: [fresh] });
  await sql`update benefit_partner set state = 'testing' where partner_id = ${fresh}`;
  const close = desk.at.host.put(`/api/outlets/${id}/closure`, { isClosed: true, reason });
  await expectStatus(close, 200);
  const pause = desk.at.host.put(`/api/partners/${fresh}/state`, { state: 'paused', reason });
  await expectStatus(pause, 200);
  expect(await newsOf(visitor)).toEqual([]);
});

async function later(visitor: Holder): Promise<{ tell: Notice[] }> {
  await sql`alter table notice disable trigger user`;
  await sql`update notice set at = at - interval '1 year'`;
  await sql`alter table notice enable trigger user`;
  return { tell: await newsOf(visitor) };
}
