// Risk: what is claimed works on one runtime only (I24): a draw, a room, the door, an offer's codes, the organiser's desk.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pseudonymOf, recompute } from '../../web/src/lib/draw/recompute.ts';
import type { Answer, Caller } from '../support/caller.ts';
import { buildCity, idIn } from '../support/city.ts';
import { Contract } from '../support/contract.ts';
import { passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, minutesAhead } from '../support/door.ts';
import { runtimes } from '../support/runtimes.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
const { root, home, homeEnterprise } = city.unions;
const answers = new Map<string, unknown>();
const reason = '工会安排';

describe.each(runtimes)('%s', (runtime) => {
  let contract: Contract;
  let officer: Caller;

  beforeAll(async () => {
    contract = await Contract.start(runtime, database.url, city, answers);
    officer = await contract.signInOfficer(root);
  });
  afterAll(() => contract.server.stop());

  const agree = (name: string, asked: Promise<Answer>) => contract.agree(name, asked);
  /** Both say so, and this is what they say. */
  async function ask(by: Caller, name: string, route: string, body?: unknown): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ');
    return agree(name, by.ask(method, `/api/${path}`, body));
  }

  test('commit a draw, enter, close it, two persons enter the number, draw it again', async () => {
    const benefit = await city.addBenefit({ limit: [1, 'total'] });
    const [opensAt, closesAt] = [minutesAhead(60), minutesAhead(120)];
    await city.letClaim(benefit, { kind: 'draw', opensAt, closesAt });
    await city.addSession(benefit, { cap: 1, startsAt: null });
    const form = { numberZh: '双色球', numberEn: 'Lottery', weights: { neverWon: 2 }, reason };
    const draw = `benefits/${benefit}/draw`;
    expect((await ask(officer, 'commit', `POST ${draw}`, form)).status).toBe(201);
    await sql`update claim_terms set opens_at = clock() - interval '1 hour' where benefit_id = ${benefit}`;
    const { member, phone } = await contract.addHolder('摇号一');
    const id = idIn(member.cell);
    const entered = await ask(phone, 'enter', `PUT claims/${id}`, { benefit });
    expect([entered.status, entered.body['state']]).toEqual([201, 'entered']);
    expect((await ask(officer, 'rehearse', `GET ${draw}/rehearsal`)).body).toMatchObject({
      chances: [{ weight: 3, entries: 1 }],
    });
    const number = { number: '03 11 17 20 25 31 + 08', reason };
    const early = await ask(officer, 'too early', `POST ${draw}/number`, number);
    expect(early.body['code']).toBe('draw_not_listed');
    await sql`update claim_terms set closes_at = clock() where benefit_id = ${benefit}`;
    const proposed = await ask(officer, 'number', `POST ${draw}/number`, number);
    expect(proposed.status).toBe(202);
    const second = await contract.signInOfficer(root, 'editor');
    const { id: proposal } = proposed.body['proposal'] as { id: number };
    const confirm = `POST proposals/${proposal}/confirmation`;
    expect((await ask(officer, 'confirm one’s own', confirm, {})).body['code']).toBe(
      'proposal_own',
    );
    expect((await ask(second, 'drawn', confirm, {})).status).toBe(200);

    const { body } = await ask(phone, 'result', `GET ${draw}`);
    expect(body).toMatchObject({ own: { claim: id, state: 'confirmed', place: 1 } });
    const list = await phone.ask('GET', `/api/${draw}/list`);
    expect([list.status, list.type]).toEqual([200, 'text/plain; charset=utf-8']);
    const { commitment, listHash, secret, seed } = body;
    const said = { commitment, listHash, secret, seed, number: number.number };
    const again = await recompute(String(list.body['text']), said as never);
    expect(again).toMatchObject({ isSecretCommitted: true, isListTheOne: true, isSeedRight: true });
    expect(again.order).toEqual([await pseudonymOf(benefit, id)]);
    const file = await officer.ask('GET', `/api/${draw}/chances.csv`);
    expect([file.status, file.type]).toEqual([200, 'text/csv; charset=utf-8']);
  });

  test('the first who claims after a wave’s seconds opens it', async () => {
    const benefit = await city.addBenefit({ limit: [5, 'total'] });
    await city.letClaim(benefit, { kind: 'drop', opensAt: minutesAhead(-60) });
    const session = await city.addSession(benefit, { cap: 0 });
    const wave = {
      ...{ opensAt: minutesAhead(60), reason },
      units: [{ session, units: 1 }],
    };
    expect((await ask(officer, 'a wave', `POST benefits/${benefit}/waves`, wave)).status).toBe(201);
    await sql`update wave set opens_at = clock() - interval '1 minute' where benefit_id = ${benefit}`;
    const { member, phone } = await contract.addHolder('抢票一');
    const put = (name: string) =>
      ask(phone, name, `PUT claims/${idIn(member.cell)}`, { benefit, session });
    expect((await put('the first of a wave')).body['state']).toBe('confirmed');
    expect((await put('a wave that is empty')).body['code']).toBe('session_full');
    const watched = await ask(officer, 'watch the drop', `GET benefits/${benefit}/drop`);
    expect(watched.status).toBe(200);
  });

  test('share a room, ask for it, hear that it is taken, be told yes', async () => {
    const owner = await contract.signInOfficer(homeEnterprise, 'editor');
    const made = await ask(owner, 'a benefit', `POST unions/${homeEnterprise}/benefits`, {
      ...{ kind: 'gym', titleZh: '活动室', titleEn: 'Room', summaryZh: '打球', summaryEn: 'Play' },
      ...{ priceFen: 0, faceValueFen: 0, weekdays: [1, 2, 3, 4, 5, 6, 7], audience: {} },
      ...{ startsAt: '2020-01-01T00:00:00Z', endsAt: '2090-01-01T00:00:00Z' },
      ...{ opensMinute: 540, closesMinute: 1260, validDistricts: null, quantityMax: 1 },
      ...{ limitCount: 20, limitPeriod: 'month', cap: null, reason },
    });
    expect(made.status).toBe(201);
    const benefit = Number(made.body['id']);
    const shared = await ask(owner, 'share a room', `PUT benefits/${benefit}/room`, {
      ...{ placeZh: '三楼', placeEn: 'Third floor', peopleMax: 20, sharedWith: home },
      ...{ minutesMin: 30, minutesMax: 120, minutesAWeek: 180, daysAhead: 14 },
      ...{ needsApproval: true, cancelMinutes: 60, lateCancelWeight: 0, noShowWeight: 1 },
      ...{ version: 0, reason },
    });
    expect(shared.status).toBe(200);
    const [neighbour, other] = [
      await contract.addHolder('邻居一'),
      await contract.addHolder('邻居二'),
    ];
    const day = new Date(Date.now() + 1440 * 60_000).toLocaleDateString('en-CA', {
      timeZone: 'Asia/Shanghai',
    });
    const id = idIn(neighbour.member.cell);
    const wish = (from: string, to: string) => ({
      ...{ benefit, people: 8, purpose: '羽毛球' },
      ...{ startsAt: `${day}T${from}:00+08:00`, endsAt: `${day}T${to}:00+08:00` },
    });
    const put = (name: string, by: typeof other, as: string, from: string, to: string) =>
      ask(by.phone, name, `PUT room-claims/${as}`, wish(from, to));
    const first = await put('ask for it', neighbour, id, '18:00', '20:00');
    expect([first.status, first.body['state']]).toEqual([201, 'asked']);
    expect((await put('ask for it again', neighbour, id, '18:00', '20:00')).status).toBe(200);
    const otherId = idIn(other.member.cell);
    const overlap = await put('what is taken', other, otherId, '19:30', '20:30');
    expect(overlap.body['code']).toBe('room_taken');
    const hours = await put('more than a week’s hours', other, otherId, '09:00', '11:00');
    expect(hours.body).toMatchObject({ code: 'room_hours_used', minutesLeft: 60 });
    const calendar = await ask(
      owner,
      'who asks for it',
      `GET benefits/${benefit}/room-calendar?from=${day}`,
    );
    expect(calendar.body).toMatchObject({ requests: [{ claim: id, maskedName: '邻＊' }] });
    const yes = await ask(owner, 'yes', `POST claims/${id}/decision`, { accept: true });
    expect(yes.body).toEqual({ state: 'confirmed' });
    const no = await ask(owner, 'and no', `POST claims/${id}/decision`, { accept: false, reason });
    expect(no.body['code']).toBe('claim_ended');
    const week = await ask(other.phone, 'the week', `GET benefits/${benefit}/room?from=${day}`);
    expect(week.body).toMatchObject({ minutesUsed: 120, busy: [{ isOwn: false }] });
    const soon = await ask(owner, 'nobody came, too soon', `POST claims/${id}/no-show`, { reason });
    expect(soon.body['code']).toBe('claim_not_now');
  });

  test('the list at the door, in by hand and by card, and somebody whom no claim brings', async () => {
    const { benefit, session } = await addGathering(city, { walkIns: true, cap: 5 });
    const organiser = await contract.signInOfficer(home);
    const [listed, carded, walking] = [
      await contract.addHolder('名单一'),
      await contract.addHolder('刷卡一'),
      await contract.addHolder('散客一'),
    ];
    const ids = [idIn(listed.member.cell), idIn(carded.member.cell)];
    for (const [i, { phone }] of [listed, carded].entries())
      expect(
        (await ask(phone, `claim ${i}`, `PUT claims/${ids[i]}`, { benefit, session })).status,
      ).toBe(201);
    const at = `claim-sessions/${session}`;
    const door = (name: string) => ask(organiser, name, `GET ${at}/door`);
    expect((await door('nobody is in')).body).toMatchObject({ expected: 2, in: 0, walkIns: 3 });
    const tick = `claims/${ids[0]}/attendance`;
    expect((await ask(organiser, 'in', `POST ${tick}`, {})).status).toBe(200);
    expect((await ask(organiser, 'not in', `DELETE ${tick}`, {})).status).toBe(200);
    expect((await ask(organiser, 'in after all', `POST ${tick}`, {})).status).toBe(200);
    const show = async (name: string, holder: typeof listed) =>
      ask(organiser, name, `POST ${at}/attendance`, { pass: (await passOf(holder)).url });
    expect((await show('by card', carded)).body).toMatchObject({ outcome: 'attended' });
    expect((await show('by card again', carded)).body).toMatchObject({ outcome: 'already_in' });
    const seen = await show('no claim brings him', walking);
    expect(seen.body).toMatchObject({ outcome: 'claim_needed', walkIn: { left: 3 } });
    const { ticket } = seen.body['walkIn'] as { ticket: string };
    const letIn = { id: idIn(walking.member.cell), ticket };
    for (const status of [201, 200])
      expect((await ask(organiser, `let in: ${status}`, `POST ${at}/walk-ins`, letIn)).status).toBe(
        status,
      );
    expect((await door('three are in')).body).toMatchObject({ expected: 3, in: 3, walkIns: 2 });
    const { headers } = await organiser.get(`/api/${at}/door`);
    const same = await organiser.send(`/api/${at}/door`, {
      headers: { 'If-None-Match': headers.get('etag') ?? '' },
    });
    expect(same.status).toBe(304);

    const till = await contract.signInAs(city.operator.userId);
    const there = await addGathering(city, { outlet: city.outlet.id });
    const list = await ask(till, 'the day at an outlet', `GET outlets/${city.outlet.id}/door`);
    expect(list.body).toMatchObject({ sessions: [{ id: there.session, isAtPartner: true }] });
    await sql`update session set outlet_id = null where id = ${there.session}`;
  });

  test('codes of an offer: only who has one reads it', async () => {
    const benefit = await city.addBenefit({ union: homeEnterprise, price: 4000 });
    await sql`
      update benefit set face_value_fen = 6000, funding = '[{"payer": "co_payment", "parts": 1}]'
      where id = ${benefit}`;
    await city.letClaim(benefit, { kind: 'offer', hasWaitList: false });
    const seller = await contract.signInOfficer(homeEnterprise);
    const codes = ['STRAWBERRY-0001', 'STRAWBERRY-0002'];
    const added = await ask(seller, 'codes', `POST benefits/${benefit}/codes`, { codes, reason });
    expect(added.body).toEqual({ added: 2, known: 0, codes: 2, free: 2 });
    const [buyer, other] = [await contract.addHolder('买家一'), await contract.addHolder('买家二')];
    const page = await ask(buyer.phone, 'the offer', `GET benefits/${benefit}/claims`);
    const [session] = page.body['sessions'] as { id: number }[];
    const id = idIn(buyer.member.cell);
    const wanted = { benefit, session: session?.id };
    expect((await ask(buyer.phone, 'buy', `PUT claims/${id}`, wanted)).status).toBe(201);
    const own = await ask(buyer.phone, 'the code', `GET claims/${id}`);
    expect(own.body).toMatchObject({ codes: codes.slice(0, 1), canCancel: false });
    expect((await ask(other.phone, 'another’s code', `GET claims/${id}`)).status).toBe(404);
    const back = await ask(buyer.phone, 'give it back', `POST claims/${id}/cancellation`);
    expect(back.body['code']).toBe('code_given');
    const usage = await ask(seller, 'what was sold', `GET benefits/${benefit}/usage`);
    expect(usage.body).toMatchObject({ claimed: 1, codes: { all: 2, free: 1 }, savedFen: 2000 });
    const file = await seller.ask('GET', `/api/benefits/${benefit}/usage.csv`);
    expect([file.status, file.type]).toEqual([200, 'text/csv; charset=utf-8']);
  });

  test('set terms, make a session, list who claimed, as a file too', async () => {
    const benefit = await city.addBenefit({ union: home, pools: { [home]: 10 } });
    const organiser = await contract.signInOfficer(home);
    const terms = {
      ...{ kind: 'sign_up', opensAt: '2020-01-01T00:00:00Z', closesAt: '2090-01-01T00:00:00Z' },
      ...{ holdMinutes: null, cancelMinutes: 60, hasWaitList: true, answerMinutes: 60 },
      ...{ needsApproval: true, doorMinutes: 60, walkIns: false },
      questions: [
        { id: 'size', kind: 'number', labelZh: '鞋码', labelEn: 'Shoe size', isRequired: true },
      ],
      ...{ lateCancelWeight: 1, noShowWeight: 1, version: 0, reason },
    };
    const desk = `benefits/${benefit}`;
    expect((await ask(organiser, 'no terms', `GET ${desk}/claim-terms`)).body['terms']).toBeNull();
    expect((await ask(organiser, 'terms', `PUT ${desk}/claim-terms`, terms)).status).toBe(200);
    const stale = await ask(organiser, 'stale terms', `PUT ${desk}/claim-terms`, terms);
    expect(stale.body['code']).toBe('changed_meanwhile');
    const [startsAt, endsAt] = ['2080-06-03T10:00:00+08:00', '2080-06-03T12:00:00+08:00'];
    const sessions = [{ startsAt, endsAt, cap: 3 }];
    const made = await organiser.ask('POST', `/api/${desk}/sessions`, { sessions, reason });
    expect(made.status).toBe(201);
    const [session = 0] = made.body['ids'] as number[];
    const { member, phone } = await contract.addHolder('报名一');
    const id = idIn(member.cell);
    const put = (name: string, given: object) =>
      ask(phone, name, `PUT claims/${id}`, { benefit, session, answers: given });
    expect((await put('without an answer', {})).body['code']).toBe('answers_invalid');
    expect((await put('with one', { size: 38 })).body['state']).toBe('asked');
    const listed = await ask(organiser, 'who claimed', `GET ${desk}/claimants`);
    expect(listed.body).toMatchObject({
      claimants: [{ id, name: '报名一', state: 'asked', answers: { size: 38 } }],
    });
    const file = await ask(organiser, 'the file', `GET ${desk}/claimants.csv`);
    expect([file.status, file.type]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(String(file.body['text'])).toMatch(/鞋码[^]*报名一[^]*38/);
    const smaller = await ask(organiser, 'smaller', `PUT claim-sessions/${session}/cap`, {
      ...{ cap: 1, reason },
    });
    expect(smaller.status).toBe(200);
    expect((await ask(organiser, 'the desk', `GET ${desk}/claim-terms`)).body).toMatchObject({
      sessions: [{ id: session, cap: 1, taken: 1, asked: 1 }],
    });
    const off = `POST claim-sessions/${session}/cancellation`;
    expect((await ask(organiser, 'call it off', off, { reason })).status).toBe(200);
    const own = await ask(phone, 'what is called off', `GET claims/${id}`);
    expect(own.body).toMatchObject({ state: 'cancelled' });
  });
});
