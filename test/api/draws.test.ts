// Risk: a draw can be steered by somebody at a desk, or what is told of it is not enough to do it again.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DrawView } from '../../api/claims/draw-view.ts';
import type { OwnClaim } from '../../api/claims/own-queries.ts';
import { pseudonymOf, recompute } from '../../web/src/lib/draw/recompute.ts';
import type { Browser } from '../support/app.ts';
import { idIn, type Member } from '../support/city.ts';
import { type Console, openConsole, signInSomebody } from '../support/console.ts';
import { setClock } from '../support/clock.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const reason = '国庆观影';
const opensAt = '2090-10-01T09:00:00+08:00';
const closesAt = '2090-10-08T18:00:00+08:00';
const dayAfter = '2090-10-09T22:00:00+08:00';
const number = '03 11 17 20 25 31 + 08';
const form = {
  numberZh: '双色球第2090115期开奖号码',
  numberEn: 'Double-colour lottery, draw 2090115',
  weights: { neverWon: 2, tags: { model_worker: 3 } },
  reason,
};

let desk: Console;
let second: Browser;

beforeEach(async () => {
  desk = await openConsole(sql);
  second = await signInSomebody(desk.app);
  await sql`
    insert into officer (user_id, union_id, role)
    values (${second.userId}, ${desk.city.unions.root}, 'editor')`;
  await second.passSecondFactor();
});

afterEach(async () => {
  await setClock(sql, null);
  expect(await sql`select * from consistency()`).toEqual([]);
});

type Options = { prizes?: number[]; holdMinutes?: number; pools?: Record<string, number> };

async function addLottery({ prizes = [1, 2], pools, ...terms }: Options = {}): Promise<number> {
  const benefit = await desk.city.addBenefit({ limit: [1, 'total'], ...(pools && { pools }) });
  await desk.city.letClaim(benefit, { kind: 'draw', opensAt, closesAt, ...terms });
  for (const cap of prizes) await desk.city.addSession(benefit, { cap, startsAt: null });
  return benefit;
}

type Entrant = { member: Member; phone: Browser; claim: string };

/** Members who signed in and entered by their phones, one after the other. */
async function enterAll(benefit: number, members: readonly Member[]): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const member of members) {
    const phone = await desk.app.signInAs(member.userId);
    const claim = idIn(member.cell);
    const made = await expectStatus<{ state: string }>(
      phone.put(`/api/claims/${claim}`, { benefit }),
      201,
    );
    expect(made.state).toBe('entered');
    entrants.push({ member, phone, claim });
  }
  return entrants;
}

const addMembers = async (tags: string[][]) => {
  const members: Member[] = [];
  for (const own of tags) members.push(await desk.city.addMember({ tags: own }));
  return members;
};

const commit = (by: Browser, benefit: number) => by.post(`/api/benefits/${benefit}/draw`, form);
const show = (by: Browser, benefit: number) =>
  expectStatus<DrawView>(by.get(`/api/benefits/${benefit}/draw`), 200);
const enterNumber = (by: Browser, benefit: number, said = number) =>
  by.post(`/api/benefits/${benefit}/draw/number`, { number: said, reason });
const proposed = async (answer: Promise<Response>) =>
  (await expectStatus<{ proposal: { id: number } }>(answer, 202)).proposal.id;
const confirm = (by: Browser, id: number) => by.post(`/api/proposals/${id}/confirmation`, {});
const list = async (by: Browser, benefit: number) => {
  const answer = await by.get(`/api/benefits/${benefit}/draw/list`);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  return answer.text();
};

/** Everything up to the end of sign-up, with these entries. */
async function signUp(options: Options, tags: string[][]) {
  const benefit = await addLottery(options);
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  const members = await addMembers(tags);
  await expectStatus(commit(desk.at.city, benefit), 201);
  await setClock(sql, opensAt);
  const entrants = await enterAll(benefit, members);
  return { benefit, entrants };
}

async function drawn(options: Options, tags: string[][]) {
  const { benefit, entrants } = await signUp(options, tags);
  await setClock(sql, dayAfter);
  const id = await proposed(enterNumber(desk.at.city, benefit));
  await expectStatus(confirm(second, id), 200);
  return { benefit, entrants };
}

/** Draws again from what anybody is told, and finds the same winners. */
async function redo(benefit: number) {
  const result = await show(desk.manager, benefit);
  const { commitment, listHash, secret, seed } = result;
  if (listHash === null || secret === null || seed === null) throw new Error('Not drawn.');
  const said = { commitment, listHash, secret, seed, number };
  const again = await recompute(await list(desk.manager, benefit), said);
  expect(again).toMatchObject({ isSecretCommitted: true, isListTheOne: true, isSeedRight: true });
  expect(result.number).toBe(number);
  const winners = result.winners.map(({ pseudonym }) => pseudonym);
  expect(winners).toEqual(again.order.slice(0, winners.length));
  return { result, said, again };
}

test('from the commitment to a result that anybody can do again, by two persons at the desk', async () => {
  const { benefit, entrants } = await signUp({}, [['model_worker'], [], [], [], []]);
  const anybody = entrants[0]?.phone;
  if (!anybody) throw new Error('Nobody entered.');
  const before = await show(anybody, benefit);
  expect(before).toMatchObject({
    ...{ numberZh: form.numberZh, weights: form.weights, entries: 5, listHash: null },
    ...{ number: null, secret: null, seed: null, drawnAt: null, winners: [], chances: [] },
    own: { claim: entrants[0]?.claim, state: 'entered', weight: null, place: null },
  });
  expect((await anybody.get(`/api/benefits/${benefit}/draw/list`)).status).toBe(404);
  expect(await problemOf(enterNumber(desk.at.city, benefit))).toMatchObject({
    code: 'draw_not_listed',
  });
  await setClock(sql, '2090-10-02T09:00:00+08:00');
  const { chances } = await expectStatus<Pick<DrawView, 'chances'>>(
    desk.at.city.get(`/api/benefits/${benefit}/draw/rehearsal`),
    200,
  );
  expect(chances.map(({ weight, entries }) => [weight, entries])).toEqual([
    [3, 4],
    [6, 1],
  ]);
  expect(await show(anybody, benefit)).toMatchObject({ listHash: null, drawnAt: null });

  await setClock(sql, dayAfter);
  const id = await proposed(enterNumber(desk.at.city, benefit));
  const told = await list(anybody, benefit);
  expect(await show(anybody, benefit)).toMatchObject({ number: null, secret: null, waiting: null });
  expect(await show(second, benefit)).toMatchObject({ waiting: { number } });
  expect(await problemOf(confirm(desk.at.city, id))).toMatchObject({ code: 'proposal_own' });
  await expectStatus(confirm(second, id), 200);

  const { result, again } = await redo(benefit);
  expect(result.commitment).toBe(before.commitment);
  expect(await list(anybody, benefit)).toBe(told);
  const [film, book] = result.prizes.map((prize) => prize.id);
  expect(result.winners.map(({ prize }) => prize)).toEqual([film, book, book]);
  expect(result.passed).toEqual([]);
  for (const { phone, claim } of entrants) {
    const pseudonym = await pseudonymOf(benefit, claim);
    const { own } = await show(phone, benefit);
    expect(own).toMatchObject({ claim, place: again.order.indexOf(pseudonym) + 1 });
    expect(own?.state).toBe((own?.place ?? 9) <= 3 ? 'confirmed' : 'waiting');
  }
  // Nobody's name or number is told, and who looks on without an entry sees the same.
  const looker = await signInSomebody(desk.app);
  expect(await show(looker, benefit)).toMatchObject({ own: null, winners: result.winners });
  expect(JSON.stringify(result)).not.toContain('李小明');
  const entries = await desk.entries('benefit', benefit);
  expect(entries.map(({ action }) => action)).toEqual(['draw.commit', 'draw.run']);
  expect(JSON.stringify(entries)).not.toContain(result.secret);
  expect(await problemOf(enterNumber(second, benefit))).toMatchObject({ code: 'draw_over' });
});

test('an entry that is changed after the close, or a list that is told otherwise, is found out', async () => {
  const { benefit } = await drawn({}, [[], [], []]);
  const { said } = await redo(benefit);
  await sql`
    update draw_entry set weight = 9
    where benefit_id = ${benefit} and place = 3`;
  expect(await recompute(await list(second, benefit), said)).toMatchObject({
    isListTheOne: false,
    isSeedRight: false,
  });
});

test('a draw is committed once, before its sign-up begins, and only where one is drawn', async () => {
  const benefit = await addLottery();
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  const entrant = await desk.app.signInAs((await desk.city.addMember()).userId);
  await setClock(sql, opensAt);
  expect(await problemOf(commit(desk.at.city, benefit))).toMatchObject({ code: 'draw_begun' });
  const [member] = await sql<{ cell: number }[]>`
    select cell from member where user_id = ${entrant.userId}`;
  expect(
    await problemOf(entrant.put(`/api/claims/${idIn(member?.cell ?? 0)}`, { benefit })),
  ).toMatchObject({ code: 'claims_not_open' });
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  await expectStatus(commit(desk.at.city, benefit), 201);
  expect(await problemOf(commit(second, benefit))).toMatchObject({ code: 'draw_committed' });
  const slot = await desk.city.addBenefit();
  await desk.city.letClaim(slot, { opensAt, closesAt });
  expect(await problemOf(commit(desk.at.city, slot))).toMatchObject({ code: 'claims_not_set' });
});

test.each<[string, unknown]>([
  ['of nothing', { '': 1 }],
  ['of spaces', { '  ': 1 }],
  ['with a NUL', { 'a\0b': 1 }],
  ['with half a character', { '\ud800': 1 }],
  ['turned round', { 'a\u202eb': 1 }],
  ['of a megabyte', { ['x'.repeat(100_000)]: 1 }],
  ['with a fraction of a ticket', { model_worker: 0.5 }],
  ['with more than twenty', { model_worker: 21 }],
  ['in a list', ['model_worker']],
])('a tag %s gives no ticket, and commits nothing', async (_name, tags) => {
  const benefit = await addLottery();
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  const asked = { ...form, weights: { tags } };
  expect(await problemOf(desk.at.city.post(`/api/benefits/${benefit}/draw`, asked))).toMatchObject({
    code: 'invalid_request',
  });
  expect(await sql`select from draw where benefit_id = ${benefit}`).toEqual([]);
});

test('which prize it is, the lot says: nobody enters for one of them', async () => {
  const benefit = await addLottery();
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  const member = await desk.city.addMember();
  await expectStatus(commit(desk.at.city, benefit), 201);
  await setClock(sql, opensAt);
  const phone = await desk.app.signInAs(member.userId);
  const [prize] = (await show(phone, benefit)).prizes;
  const wish = { benefit, session: prize?.id };
  expect(await problemOf(phone.put(`/api/claims/${idIn(member.cell)}`, wish))).toMatchObject({
    code: 'session_unknown',
  });
});

test('one number waits at a time; another one is entered when that was declined', async () => {
  const { benefit } = await signUp({}, [[], []]);
  await setClock(sql, dayAfter);
  const wrong = await proposed(enterNumber(desk.at.city, benefit, '03 11 17 20 25 31 + 09'));
  expect(await problemOf(enterNumber(second, benefit))).toMatchObject({
    code: 'draw_number_waiting',
  });
  await expectStatus(second.post(`/api/proposals/${wrong}/refusal`, { reason: '蓝球录错' }), 200);
  const right = await proposed(enterNumber(second, benefit));
  expect(await problemOf(confirm(second, right))).toMatchObject({ code: 'proposal_own' });
  await expectStatus(confirm(desk.at.city, right), 200);
  // The other way round than above, and as little in the result.
  await redo(benefit);
});

test('who is at no desk of the union neither commits, rehearses, nor enters a number', async () => {
  const { benefit } = await signUp({}, [[]]);
  await setClock(sql, dayAfter);
  for (const by of [desk.at.viewer, desk.at.home, desk.manager])
    expect((await enterNumber(by, benefit)).status).toBe(404);
  const id = await proposed(enterNumber(desk.at.city, benefit));
  expect((await confirm(desk.at.home, id)).status).toBe(404);
  expect(await show(desk.at.home, benefit)).toMatchObject({ waiting: null, drawnAt: null });
});

test('a draw of a benefit that is not published is seen by its own desks alone', async () => {
  const { benefit, entrants } = await signUp({}, [[]]);
  await sql`update benefit set stage = 'draft' where id = ${benefit}`;
  await show(second, benefit);
  const phone = entrants[0]?.phone;
  expect((await phone?.get(`/api/benefits/${benefit}/draw`))?.status).toBe(404);
  expect((await desk.at.home.get(`/api/benefits/${benefit}/draw`)).status).toBe(404);
});

test('a win that is not confirmed in time goes on to the next in the drawn order, and so on', async () => {
  const { benefit, entrants } = await drawn({ prizes: [1], holdMinutes: 60 }, [[], [], []]);
  const places = await Promise.all(entrants.map(({ phone }) => show(phone, benefit)));
  const [first, next, last] = [1, 2, 3].map((place) => {
    const i = places.findIndex(({ own }) => own?.place === place);
    const found = entrants[i];
    if (!found) throw new Error(`Nobody is at place ${place}.`);
    return found;
  });
  if (!first || !next || !last) throw new Error('There are three places.');
  const stateOf = async ({ phone, claim }: Entrant) =>
    (await expectStatus<OwnClaim>(phone.get(`/api/claims/${claim}`), 200)).state;
  expect(await Promise.all([first, next, last].map(stateOf))).toEqual([
    ...['held', 'waiting', 'waiting'],
  ]);
  await setClock(sql, '2090-10-09T23:00:00+08:00');
  await sql`select expire_claims(null)`;
  expect(await Promise.all([first, next, last].map(stateOf))).toEqual([
    ...['expired', 'offered', 'waiting'],
  ]);
  await setClock(sql, '2090-10-10T00:00:00+08:00');
  await sql`select expire_claims(null)`;
  await expectStatus(last.phone.post(`/api/claims/${last.claim}/confirmation`), 200);
  expect((await show(second, benefit)).winners).toMatchObject([
    { place: 1, isFirst: true, standing: 'gone' },
    { place: 2, isFirst: false, standing: 'gone' },
    { place: 3, isFirst: false, standing: 'kept' },
  ]);
});

test('who was passed over is told: he had given up, or his district’s places were used up', async () => {
  const { home, host } = desk.city.unions;
  const { benefit, entrants } = await signUp({ prizes: [2], pools: { [home]: 1, [host]: 5 } }, [
    [],
    [],
    [],
  ]);
  const far = await desk.city.addMember({ enterprise: desk.city.unions.hostEnterprise });
  await setClock(sql, '2090-10-02T09:00:00+08:00');
  await enterAll(benefit, [far]);
  await setClock(sql, dayAfter);
  const id = await proposed(enterNumber(desk.at.city, benefit));
  const giving = entrants[0];
  if (!giving) throw new Error('Nobody entered.');
  await expectStatus(giving.phone.post(`/api/claims/${giving.claim}/cancellation`), 200);
  await expectStatus(confirm(second, id), 200);
  const { winners, passed, entries } = await show(second, benefit);
  expect(entries).toBe(4);
  expect(winners.filter(({ isFirst }) => isFirst)).toHaveLength(2);
  const last = Math.max(...winners.map(({ place }) => place));
  expect(passed).toHaveLength(last - 2);
  const { own } = await show(giving.phone, benefit);
  expect(passed.filter(({ isWithdrawn }) => isWithdrawn).map(({ place }) => place)).toEqual(
    (own?.place ?? 9) < last ? [own?.place] : [],
  );
});

test('the chances of a draw are a file that a spreadsheet opens', async () => {
  const { benefit } = await drawn({ prizes: [2] }, [['model_worker'], []]);
  const answer = await second.get(`/api/benefits/${benefit}/draw/chances.csv`);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await answer.arrayBuffer())).toBe(
    '\uFEFFweight,entries,expected,drawn\r\n3,1,1,1\r\n6,1,1,1\r\n',
  );
});

const terms = {
  ...{ kind: 'draw', opensAt, closesAt, holdMinutes: null, cancelMinutes: 0, hasWaitList: true },
  ...{ answerMinutes: 60, needsApproval: false, doorMinutes: 60, walkIns: false, questions: [] },
  ...{ lateCancelWeight: 0, noShowWeight: 0, reason },
};

const steering: Record<string, unknown>[] = [
  { kind: 'sign_up' },
  { opensAt: '2090-10-02T09:00:00+08:00' },
  { closesAt: '2090-10-20T18:00:00+08:00' },
  { closesAt: '2090-10-05T18:00:00+08:00' },
  { holdMinutes: 5 },
  { hasWaitList: false },
  { answerMinutes: 5 },
  { needsApproval: true },
  { questions: [{ id: 'a', kind: 'text', labelZh: '一', labelEn: 'One', isRequired: true }] },
];

test('once a draw is committed nothing of its terms that could steer it is changed', async () => {
  const benefit = await addLottery();
  const set = (changed: Record<string, unknown>, version: number) =>
    desk.at.city.put(`/api/benefits/${benefit}/claim-terms`, { ...terms, ...changed, version });
  await setClock(sql, '2090-09-30T12:00:00+08:00');
  // Before, all of it may be.
  let version = 1;
  for (const changed of steering) {
    await expectStatus(set(changed, version), 200);
    version += 1;
  }
  await expectStatus(set({}, version), 200);
  await expectStatus(commit(desk.at.city, benefit), 201);
  for (const changed of steering)
    expect(await problemOf(set(changed, version + 1)), JSON.stringify(changed)).toMatchObject({
      code: 'draw_committed',
    });
  await expectStatus(
    set({ doorMinutes: 30, cancelMinutes: 60, lateCancelWeight: 1, walkIns: true }, version + 1),
    200,
  );
});

test('the places of a committed draw are never fewer, and as they are between the close and the draw', async () => {
  const { home, host } = desk.city.unions;
  const { benefit } = await signUp({ prizes: [2], pools: { [home]: 4, [host]: 4, shared: 4 } }, [
    [],
    [],
  ]);
  const set = async (pool: number | 'shared', cap: number) => {
    const at = `/api/benefits/${benefit}/allocations/${pool}`;
    const answer = await desk.at.city.put(at, { cap, reason });
    return answer.ok ? 'done' : (await problemOf(Promise.resolve(answer))).code;
  };
  const open = async () => {
    const answer = await desk.at.city.post(`/api/benefits/${benefit}/openings`, {
      ...{ from: home, to: 'shared', units: 1, returnsAt: '2090-12-01T00:00:00+08:00', reason },
    });
    return answer.ok ? 'done' : (await problemOf(Promise.resolve(answer))).code;
  };
  expect([await set(home, 0), await set('shared', 0), await open()]).toEqual([
    ...['draw_committed', 'draw_committed', 'draw_committed'],
  ]);
  expect([await set(home, 5), await set('shared', 5)]).toEqual(['done', 'done']);
  await setClock(sql, dayAfter);
  const id = await proposed(enterNumber(desk.at.city, benefit));
  for (const cap of [0, 9]) expect(await set(home, cap), String(cap)).toBe('draw_committed');
  await expectStatus(confirm(second, id), 200);
  expect([await set(home, 0), await set(home, 9)]).toEqual(['draw_committed', 'done']);
});

test('prizes are only added, and until sign-up is over; nothing moves between the close and the draw', async () => {
  const { benefit } = await signUp({ prizes: [1] }, [[], [], []]);
  const [prize] = (await show(second, benefit)).prizes;
  if (!prize) throw new Error('There is no prize.');
  const add = () =>
    desk.at.city.post(`/api/benefits/${benefit}/sessions`, { sessions: [{ cap: 1 }], reason });
  const resize = (cap: number) =>
    desk.at.city.put(`/api/claim-sessions/${prize.id}/cap`, { cap, reason });
  const cancel = () =>
    desk.at.city.post(`/api/claim-sessions/${prize.id}/cancellation`, { reason });
  const changes = { add, more: () => resize(9), fewer: () => resize(0), cancel };
  const refused = async () => {
    const heard: string[] = [];
    for (const [name, change] of Object.entries(changes)) {
      // Each from the same state.
      const answer = await change();
      if (answer.ok) await sql`update session set cap = 1 where id = ${prize.id}`;
      else if ((await problemOf(Promise.resolve(answer))).code === 'draw_committed')
        heard.push(name);
    }
    return heard;
  };
  // What the organiser's desk offers is what would not be refused.
  const offered = async () => {
    const at = `/api/benefits/${benefit}/claim-terms`;
    return (await expectStatus<{ changes: string[] }>(desk.at.city.get(at), 200)).changes;
  };
  expect(await refused()).toEqual(['fewer', 'cancel']);
  expect(await offered()).toEqual(['add', 'raise']);
  await setClock(sql, closesAt);
  expect(await refused()).toEqual(['add', 'more', 'fewer', 'cancel']);
  expect(await offered()).toEqual([]);
  await sql`delete from session where benefit_id = ${benefit} and id <> ${prize.id}`;
  const id = await proposed(enterNumber(desk.at.city, benefit));
  expect(await refused()).toEqual(['add', 'more', 'fewer', 'cancel']);
  await expectStatus(confirm(second, id), 200);
  expect(await offered()).toEqual(['raise']);
  for (const change of [add, () => resize(0), cancel])
    expect(await problemOf(change())).toMatchObject({ code: 'draw_committed' });
  // Who waits hears of one more in the drawn order.
  await expectStatus(resize(2), 200);
  expect((await show(second, benefit)).winners).toMatchObject([
    { place: 1, isFirst: true, standing: 'kept' },
    { place: 2, isFirst: false, standing: 'open' },
  ]);
});
