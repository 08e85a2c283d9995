// Risk: an organiser cannot set up what is to be claimed, or changes what he must not; a list of who has claimed shows a
// name to whom it is none of his business, skips somebody, or differs from its file.
import { eq } from 'drizzle-orm';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { claimTermsForm, writeClaimTerms } from '../../api/claims/terms.ts';
import { orm, type Transaction } from '../../db/client.ts';
import { benefit as benefitTable } from '../../db/schema/benefits.ts';
import type { Browser } from '../support/app.ts';
import type { Member } from '../support/city.ts';
import { claimOne, stateOf } from '../support/claim.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { type Edits, without } from '../support/vary.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { city } = desk;
const { home, host } = city.unions;
const reason = '试一试';

const question = {
  id: 'car',
  kind: 'choice',
  labelZh: '车型',
  labelEn: 'Car',
  isRequired: true,
  options: [
    { id: 'manual', labelZh: '手动挡', labelEn: 'Manual' },
    { id: 'automatic', labelZh: '自动挡', labelEn: 'Automatic' },
  ],
};

const terms = {
  kind: 'sign_up',
  opensAt: '2020-01-01T00:00:00Z',
  closesAt: '2090-01-01T00:00:00Z',
  holdMinutes: null,
  cancelMinutes: 60,
  hasWaitList: true,
  answerMinutes: 60,
  needsApproval: true,
  doorMinutes: 60,
  walkIns: false,
  questions: [question],
  lateCancelWeight: 1,
  noShowWeight: 1,
  version: 0,
  reason,
};
const meeting = { startsAt: '2080-06-03T10:00:00+08:00', endsAt: '2080-06-03T12:00:00+08:00' };

type Session = { id: number; cap: number; taken: number; waiting: number; cancelReason: string };
type Desk = {
  missing: string[];
  terms: { version: number; kind: string } | null;
  benefit: { places: number; outlets: { id: number }[] };
  sessions: (Session & { asked: number; toCome: number; cancelledAt: string | null })[];
  waves: { id: number; opensAt: string; openedAt: string | null }[];
  can: { set: boolean; decide: boolean };
};
type Row = {
  id: string;
  name: string;
  union: { id: number };
  session: { id: number } | null;
  state: string;
  answers: Record<string, unknown>;
};
type Page = { claimants: Row[]; next: string | null };

/** Stops every change of terms just before it is written. */
const beforeTerms = (tx: Transaction) => tx`lock table claim_terms in share mode`;

const newBenefit = (pools: Record<string, number> = { [home]: 10, [host]: 10 }) =>
  city.addBenefit({ union: home, limit: [1000, 'total'], quantityMax: 5, pools });

async function look(benefit: number, browser: Browser = desk.at.home): Promise<Desk> {
  const answer = await browser.get(`/api/benefits/${benefit}/claim-terms`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Desk;
}

/** What the route says: its body, or its problem. */
async function say(path: string, body: unknown, method = 'POST', browser = desk.at.home) {
  const answer = await browser.request(method, `/api/${path}`, body);
  return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
}

const setTerms = (benefit: number, more: object = {}) =>
  say(`benefits/${benefit}/claim-terms`, { ...terms, ...more }, 'PUT');

async function addSession(benefit: number, more: object = {}): Promise<number> {
  const sessions = [{ ...meeting, cap: 3, ...more }];
  const { ids } = (await say(`benefits/${benefit}/sessions`, { sessions, reason })) as unknown as {
    ids: [number];
  };
  return ids[0];
}

/** A benefit that is signed up for, with one session of three. */
async function newSignUp(more: object = {}): Promise<{ benefit: number; session: number }> {
  const benefit = await newBenefit();
  expect(await setTerms(benefit, more)).toMatchObject({ status: 200, version: 1 });
  return { benefit, session: await addSession(benefit) };
}

async function claimFor(member: Member, benefit: number, session: number): Promise<string> {
  const item = {
    ...city.claimItem(member, benefit, session),
    answers: { car: 'manual' },
    waits: true,
  };
  const { outcome } = await claimOne(sql, item);
  expect(outcome).toBe('made');
  return item.id;
}

async function list(benefit: number, query = '', browser = desk.at.home): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor = '';
  do {
    const answer = await browser.get(
      `/api/benefits/${benefit}/claimants?${query}${cursor && `&cursor=${cursor}`}`,
    );
    expect(answer.status).toBe(200);
    const page = (await answer.json()) as Page;
    rows.push(...page.claimants);
    cursor = page.next ?? '';
  } while (cursor !== '');
  return rows;
}

async function entriesOf(subject: string, id: number | string): Promise<string[]> {
  return (await desk.entries(subject, id)).map((row) => String(row['action']));
}

test('a benefit is one that is claimed from when its terms are set, each change with its entry', async () => {
  const benefit = await newBenefit();
  expect(await look(benefit)).toMatchObject({
    terms: null,
    sessions: [],
    waves: [],
    benefit: { places: 20 },
    can: { set: true, decide: true },
    changes: ['add', 'raise', 'lower', 'cancel'],
  });
  expect(await setTerms(benefit)).toMatchObject({ version: 1 });
  expect(await setTerms(benefit, { version: 1, cancelMinutes: 120 })).toMatchObject({ version: 2 });
  const { kind, questions, answerMinutes, needsApproval } = terms;
  expect(await look(benefit)).toMatchObject({
    terms: { kind, questions, answerMinutes, needsApproval, cancelMinutes: 120, version: 2 },
  });
  const [first, second] = await desk.entries('benefit', benefit);
  expect(first).toMatchObject({ action: 'claims.set', union_id: home, reason, before: null });
  expect(second).toMatchObject({
    before: { claimKind: 'sign_up', cancelMinutes: 60 },
    after: { claimKind: 'sign_up', cancelMinutes: 120 },
  });
});

test('what somebody else changed meanwhile is not overwritten', async () => {
  const { benefit } = await newSignUp();
  expect(await setTerms(benefit, { version: 0 })).toMatchObject({
    status: 409,
    code: 'changed_meanwhile',
    version: 1,
  });
  const both = await race(sql, 2, beforeTerms, () => [
    setTerms(benefit, { version: 1, cancelMinutes: 30 }),
    setTerms(benefit, { version: 1, cancelMinutes: 90 }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await look(benefit)).terms?.version).toBe(2);
});

test('without the benefit’s lock both of them would have set its terms, and one is lost', async () => {
  const { benefit } = await newSignUp();
  const db = orm(sql);
  const set = (cancelMinutes: number) =>
    db.transaction(async (tx) => {
      const [row] = await tx.select().from(benefitTable).where(eq(benefitTable.id, benefit));
      if (!row) throw new Error('There is no benefit.');
      const form = claimTermsForm.parse({ ...terms, version: 1, cancelMinutes });
      return (await writeClaimTerms(tx, row, form)).version;
    });
  expect(await race(sql, 2, beforeTerms, () => [set(30), set(90)])).toEqual([2, 2]);
});

test('the kind of claim stays once somebody has claimed; the rest may change', async () => {
  const { benefit, session } = await newSignUp();
  expect(await look(benefit)).toMatchObject({ isClaimed: false });
  await claimFor(await city.addMember(), benefit, session);
  expect(await look(benefit)).toMatchObject({ isClaimed: true });
  expect(await setTerms(benefit, { version: 1, kind: 'slot' })).toMatchObject({
    code: 'claims_exist',
  });
  expect(await setTerms(benefit, { version: 1, hasWaitList: false })).toMatchObject({ version: 2 });
});

test('nobody is marked for benefits of health and hardship', async () => {
  for (const kind of ['health', 'hardship']) {
    const benefit = await newBenefit();
    await sql`update benefit set kind = ${kind} where id = ${benefit}`;
    expect(await setTerms(benefit)).toMatchObject({ code: 'invalid_request' });
    expect(await setTerms(benefit, { lateCancelWeight: 0, noShowWeight: 0 })).toMatchObject({
      version: 1,
    });
  }
});

test.each<[string, object, string]>([
  ['closes before it opens', { closesAt: '2019-01-01T00:00:00Z' }, 'closesAt'],
  ['two questions of one id', { questions: [question, question] }, 'questions'],
  [
    'a choice without options',
    { questions: [{ ...question, options: undefined }] },
    'questions.0.options',
  ],
  ['options of a text', { questions: [{ ...question, kind: 'text' }] }, 'questions.0.options'],
  [
    'two options of one id',
    { questions: [{ ...question, options: [question.options[0], question.options[0]] }] },
    'questions.0.options',
  ],
  [
    'a number that none can be',
    { questions: [{ ...question, kind: 'number', options: undefined, min: 9, max: 1 }] },
    'questions.0.max',
  ],
  [
    'a bound that is no whole number',
    { questions: [{ ...question, kind: 'number', options: undefined, min: 0.5 }] },
    'questions.0.min',
  ],
  ...[0, -5, 1001].map((max): [string, object, string] => [
    `a text of ${max} characters at most`,
    { questions: [{ ...question, kind: 'text', options: undefined, max }] },
    'questions.0.max',
  ]),
  [
    'a highest number that is no whole one',
    { questions: [{ ...question, kind: 'number', options: undefined, max: 2.5 }] },
    'questions.0.max',
  ],
  [
    'the least of a text',
    { questions: [{ ...question, kind: 'text', options: undefined, min: 1 }] },
    'questions.0.min',
  ],
  ['bounds of a choice', { questions: [{ ...question, max: 2 }] }, 'questions.0.max'],
  ['a weight of eleven', { noShowWeight: 11 }, 'noShowWeight'],
  ['no reason', { reason: ' ' }, 'reason'],
])('terms are refused: %s', async (_name, more, field) => {
  const benefit = await newBenefit();
  expect(await setTerms(benefit, more)).toMatchObject({
    code: 'invalid_request',
    fields: expect.arrayContaining([expect.objectContaining({ field })]),
  });
  expect((await look(benefit)).terms).toBe(null);
});

test('nothing is claimed after the benefit’s end; before its start it may be, for later', async () => {
  const benefit = await newBenefit();
  await sql`update benefit set starts_at = '2089-01-01Z', ends_at = '2089-06-01Z' where id = ${benefit}`;
  const until = (closesAt: string) => setTerms(benefit, { closesAt });
  expect(await until('2089-06-01T00:00:01Z')).toMatchObject({
    status: 400,
    code: 'invalid_request',
    fields: [{ field: 'closesAt' }],
  });
  expect((await look(benefit)).terms).toBe(null);
  expect(await until('2089-06-01T00:00:00Z')).toMatchObject({ status: 200 });
});

const publish = (benefit: number) =>
  say(`benefits/${benefit}/stage`, { stage: 'published', reason }, 'PUT');
const draftOf = async (pools?: Record<string, number>): Promise<number> => {
  const benefit = await newBenefit(pools);
  await sql`update benefit set stage = 'test' where id = ${benefit}`;
  return benefit;
};

test('what nobody could claim is not published, and one hears what is missing until nothing is', async () => {
  const benefit = await draftOf({});
  await setTerms(benefit, { kind: 'drop', needsApproval: false, questions: [] });
  const lacks = async (...missing: string[]) => {
    expect(await look(benefit)).toMatchObject({ missing });
    expect(await publish(benefit)).toMatchObject({
      status: 409,
      code: 'claims_incomplete',
      missing,
    });
  };
  await lacks('sessions', 'waves', 'places');
  await sql`insert into allocation (benefit_id, union_id, cap) values (${benefit}, ${home}, 20)`;
  const first = await addSession(benefit);
  await lacks('waves');
  await city.addWave(benefit, '2079-06-01Z', { [first]: 20 });
  expect(await look(benefit)).toMatchObject({ missing: [] });
  // None that is called off, or has begun, can be claimed.
  await say(`claim-sessions/${first}/cancellation`, { reason });
  await lacks('sessions');
  const second = await addSession(benefit);
  await sql`
    update session set starts_at = '2026-01-01Z', ends_at = '2026-01-02Z' where id = ${second}`;
  await lacks('sessions');
  await addSession(benefit);
  await sql`update claim_terms set closes_at = '2026-01-01Z' where benefit_id = ${benefit}`;
  await lacks('window');
  await sql`update claim_terms set closes_at = '2090-01-01Z' where benefit_id = ${benefit}`;
  expect(await entriesOf('benefit', benefit)).not.toContain('benefit.stage');
  expect(await publish(benefit)).toMatchObject({ status: 200, stage: 'published' });
});

test('what costs something lacks a partner exactly as long as its claims are refused for that', async () => {
  const member = await city.addMember();
  /** What the desk misses, whether it would be published, and what a member hears once it is. */
  const facts = async (benefit: number, session: number | null) => {
    const { missing } = await look(benefit);
    const { status } = await publish(benefit);
    await sql`update benefit set stage = 'published' where id = ${benefit}`;
    const { outcome } = await claimOne(sql, city.claimItem(member, benefit, session));
    await sql`update benefit set stage = 'test' where id = ${benefit}`;
    return { missing, status, outcome };
  };
  const lacking = { missing: ['partner'], status: 409, outcome: 'partner_not_admitted' };
  const complete = { missing: [], status: 200, outcome: 'made' };
  const admit = (benefit: number, state: string) => sql`
    update benefit_partner set state = ${state} where benefit_id = ${benefit}`;

  const offer = await draftOf();
  await setTerms(offer, { kind: 'offer', needsApproval: false, questions: [] });
  await admit(offer, 'testing');
  expect(await facts(offer, null)).toEqual(lacking);
  await admit(offer, 'live');
  expect(await facts(offer, null)).toEqual(complete);

  // A code of the seller's, or no price, and nobody has to be there for it.
  const codes = await draftOf();
  await setTerms(codes, { kind: 'offer', needsApproval: false, questions: [] });
  await admit(codes, 'ended');
  expect(await facts(codes, null)).toEqual(lacking);
  await sql`
    update benefit set funding = ${sql.json([{ payer: 'co_payment', parts: 1 }])} where id = ${codes}`;
  await sql`select add_codes(${codes}, ${['HEGU-0001', 'HEGU-0002']}::text[])`;
  const [stock] = await sql<{ id: number }[]>`select id from session where benefit_id = ${codes}`;
  expect(await facts(codes, stock?.id ?? 0)).toEqual(complete);
  const free = await draftOf();
  await setTerms(free, { kind: 'offer', needsApproval: false, questions: [] });
  await admit(free, 'ended');
  await sql`update benefit set price_fen = 0, face_value_fen = 0 where id = ${free}`;
  expect(await facts(free, null)).toEqual(complete);

  // Also what is free is given at the outlets of its partners alone.
  const slot = await draftOf();
  await setTerms(slot, { kind: 'slot', needsApproval: false, questions: [] });
  await sql`update benefit set price_fen = 0, face_value_fen = 0 where id = ${slot}`;
  const there = await addSession(slot, { outlet: city.outlet.id });
  await admit(slot, 'testing');
  expect(await facts(slot, there)).toEqual(lacking);
  const anywhere = await addSession(slot);
  expect(await facts(slot, anywhere)).toEqual(complete);
});

test.each([
  ['sign_up', []],
  ['offer', []],
  ['slot', ['sessions']],
  ['draw', ['sessions', 'commitment']],
  ['room', ['room']],
])('what has only its terms is published as far as it needs no more: %s', async (kind, missing) => {
  const benefit = await draftOf();
  await setTerms(benefit, { kind, needsApproval: false, questions: [] });
  expect(await publish(benefit)).toMatchObject(
    missing.length === 0 ? { status: 200 } : { status: 409, missing },
  );
});

test('what is not claimed is published as before, and the end needs nothing', async () => {
  const free = await draftOf({});
  expect(await publish(free)).toMatchObject({ status: 200 });
  const claimed = await draftOf({});
  await setTerms(claimed);
  expect(await say(`benefits/${claimed}/stage`, { stage: 'ended', reason }, 'PUT')).toMatchObject({
    status: 200,
  });
});

test('a series of sessions is added at once, or not at all', async () => {
  const benefit = await newBenefit();
  const outlet = city.outlet.id;
  const body = {
    sessions: [
      { ...meeting, cap: 5, outlet },
      { ...meeting, cap: 6 },
    ],
    reason,
  };
  expect(await say(`benefits/${benefit}/sessions`, body)).toMatchObject({ code: 'claims_not_set' });
  await setTerms(benefit);
  expect((await look(benefit)).benefit.outlets).toContainEqual(
    expect.objectContaining({ id: outlet }),
  );
  expect(await say(`benefits/${benefit}/sessions`, body)).toMatchObject({ status: 201 });
  const wrong = async (more: object) => {
    const sessions = [
      { ...meeting, cap: 5 },
      { ...meeting, cap: 5, ...more },
    ];
    return say(`benefits/${benefit}/sessions`, { sessions, reason });
  };
  expect(await wrong({ outlet: 2_000_000_000 })).toMatchObject({ code: 'partner_not_admitted' });
  const fields = (field: string) => ({ code: 'invalid_request', fields: [{ field }] });
  expect(await wrong({ endsAt: meeting.startsAt })).toMatchObject(fields('sessions.1.endsAt'));
  expect(await wrong({ priceFen: 4501 })).toMatchObject(fields('sessions.1.priceFen'));
  // Also where it has no time.
  expect(await wrong({ priceFen: 4501, startsAt: null, endsAt: null })).toMatchObject(
    fields('sessions.1.priceFen'),
  );
  const late = { startsAt: '2099-06-03T10:00:00+08:00', endsAt: '2099-06-03T12:00:00+08:00' };
  expect(await wrong(late)).toMatchObject(fields('sessions.1.startsAt'));
  const past = { startsAt: '2026-01-02T10:00:00+08:00', endsAt: '2026-01-02T12:00:00+08:00' };
  const isWithin = await sql`
    select from benefit where id = ${benefit} and starts_at <= ${past.startsAt}::timestamptz`;
  expect(isWithin).toHaveLength(1);
  expect(await wrong(past)).toMatchObject(fields('sessions.1.startsAt'));
  // A Monday at ten: nobody could claim it on other days, or at other hours.
  for (const [column, other, own] of [
    ['weekdays', '{2,3}', '{1}'],
    ['opens_minute', 601, 600],
  ] as const) {
    await sql`update benefit set ${sql({ [column]: other })} where id = ${benefit}`;
    expect(await wrong({})).toMatchObject(fields('sessions.0.startsAt'));
    await sql`update benefit set ${sql({ [column]: own })} where id = ${benefit}`;
    expect(await wrong({ priceFen: 4501 })).toMatchObject(fields('sessions.1.priceFen'));
  }
  const { sessions } = await look(benefit);
  expect(sessions.map(({ cap }) => cap)).toEqual([5, 6]);
  expect(await entriesOf('benefit', benefit)).toEqual(['claims.set', 'session.add']);
});

test('a session is made larger for who waits, and never smaller than what is taken', async () => {
  const { benefit, session } = await newSignUp({ needsApproval: false });
  const members = await Promise.all([1, 2, 3, 4].map(() => city.addMember()));
  for (const member of members) await claimFor(member, benefit, session);
  expect((await look(benefit)).sessions).toMatchObject([{ cap: 3, taken: 3, waiting: 1 }]);
  const resize = (cap: number) => say(`claim-sessions/${session}/cap`, { cap, reason }, 'PUT');
  expect(await resize(2)).toMatchObject({ code: 'cap_below_used', used: 3 });
  expect(await resize(4)).toMatchObject({ status: 200, cap: 4 });
  expect((await look(benefit)).sessions).toMatchObject([{ cap: 4, taken: 4, waiting: 0 }]);
  const entries = await desk.entries('session', session);
  expect(entries).toMatchObject([
    { action: 'session.resize', before: { cap: 3 }, after: { cap: 4 } },
  ]);
});

/** Both stand before the benefit's lock when it is let go. */
const callOffTwice = (benefit: number, session: number) => {
  const callOff = () => say(`claim-sessions/${session}/cancellation`, { reason: '下雨' });
  return race(
    sql,
    2,
    (tx) => tx`select from benefit where id = ${benefit} for update`,
    () => [callOff(), callOff()],
  );
};

test('a session that is called off ends every claim of it, with the reason, once', async () => {
  const { benefit, session } = await newSignUp();
  const members = await Promise.all([1, 2, 3, 4].map(() => city.addMember()));
  const ids: string[] = [];
  for (const member of members) ids.push(await claimFor(member, benefit, session));
  const both = await callOffTwice(benefit, session);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  // Also who only waited.
  expect(both).toContainEqual({ status: 200, cancelled: 4 });
  expect(both).toContainEqual(expect.objectContaining({ code: 'session_cancelled' }));
  expect(await Promise.all(ids.map((id) => stateOf(sql, id)))).toEqual(Array(4).fill('cancelled'));
  expect((await list(benefit)).every(({ state }) => state === 'cancelled')).toBe(true);
  expect((await look(benefit)).sessions).toMatchObject([{ taken: 0, cancelReason: '下雨' }]);
  expect(await say(`claim-sessions/${session}/cap`, { cap: 9, reason }, 'PUT')).toMatchObject({
    code: 'session_cancelled',
  });
  const [marks] = await sql`select count(*)::int as n from mark where claim_id in ${sql(ids)}`;
  expect(marks?.['n']).toBe(0);
});

test('a session would be called off twice but for the look at whether it was', async () => {
  const { benefit, session } = await newSignUp();
  const guard: Edits = [['x.cancelled_at is null and ', '']];
  const both = await without(sql, 'cancel_session', guard, () => callOffTwice(benefit, session));
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(await entriesOf('session', session)).toEqual(['session.cancel', 'session.cancel']);
});

test('a drop’s units come by its waves, which are ahead, named once, and of its own sessions', async () => {
  const benefit = await newBenefit();
  await setTerms(benefit, { kind: 'drop', needsApproval: false, questions: [] });
  const session = await addSession(benefit, { cap: 50 });
  const { session: foreign } = await newSignUp();
  const add = (opensAt: string, of = session) =>
    say(`benefits/${benefit}/waves`, { opensAt, units: [{ session: of, units: 20 }], reason });
  const opensAt = '2079-06-01T02:00:00.000Z';
  expect(await add('2026-01-01T10:00:00+08:00')).toMatchObject({ code: 'invalid_request' });
  // Nothing is claimed any more when the terms close.
  await sql`update claim_terms set closes_at = '2079-05-01Z' where benefit_id = ${benefit}`;
  expect(await add(opensAt)).toMatchObject({ code: 'invalid_request' });
  await sql`update claim_terms set closes_at = '2090-01-01Z' where benefit_id = ${benefit}`;
  expect(await add(opensAt, foreign)).toMatchObject({ code: 'session_unknown' });
  expect(await add(opensAt)).toMatchObject({ status: 201 });
  expect(await add(opensAt)).toMatchObject({ code: 'invalid_request' });
  expect(await look(benefit)).toMatchObject({
    sessions: [{ cap: 0, toCome: 20 }],
    waves: [{ opensAt, openedAt: null, units: [{ session, units: 20 }] }],
  });
  const drop = await desk.at.home.get(`/api/benefits/${benefit}/drop`);
  expect(await drop.json()).toMatchObject({
    claimsASecond: 0,
    made: 0,
    sessions: [{ id: session, cap: 0, taken: 0, toCome: 20 }],
    wave: { opensAt, entrySeconds: 3, units: 20 },
  });
});

test('what a session is given before its drop begins is still to come, and there with the first wave', async () => {
  const benefit = await newBenefit();
  await setTerms(benefit, { kind: 'drop', needsApproval: false, questions: [] });
  const session = await addSession(benefit);
  await say(`claim-sessions/${session}/cap`, { cap: 5, reason }, 'PUT');
  const [wave] = await sql<{ id: number }[]>`
    insert into wave (benefit_id, opens_at) values (${benefit}, clock() + interval '1 day')
    returning id`;
  await sql`
    insert into wave_units (wave_id, session_id, units) values (${wave?.id ?? 0}, ${session}, 2)`;
  const watch = async () => (await desk.at.home.get(`/api/benefits/${benefit}/drop`)).json();
  expect(
    await claimOne(sql, city.claimItem(await city.addMember(), benefit, session)),
  ).toMatchObject({
    outcome: 'claims_not_open',
  });
  expect(await watch()).toMatchObject({ sessions: [{ cap: 0, taken: 0, toCome: 7 }] });
  await sql`update wave set opens_at = '2026-01-01Z' where id = ${wave?.id ?? 0}`;
  await sql`select open_waves(${benefit})`;
  expect(await watch()).toMatchObject({ sessions: [{ cap: 7, taken: 0, toCome: 0 }] });
});

test('the live view of a drop counts what was claimed, and the last ten seconds by the second', async () => {
  const benefit = await newBenefit();
  await setTerms(benefit, { kind: 'drop', needsApproval: false, questions: [], holdMinutes: 5 });
  const session = await addSession(benefit);
  await city.addWave(benefit, '2026-01-01Z', { [session]: 2 });
  await sql`select open_waves(${benefit})`;
  for (const member of await Promise.all([1, 2, 3].map(() => city.addMember()))) {
    const item = { ...city.claimItem(member, benefit, session), waits: true };
    expect(await claimOne(sql, item)).toMatchObject({ outcome: 'made' });
  }
  const watch = async () => (await desk.at.home.get(`/api/benefits/${benefit}/drop`)).json();
  expect(await watch()).toMatchObject({
    claimsASecond: 0.3,
    made: 3,
    held: 2,
    waiting: 1,
    confirmed: 0,
    wave: null,
    sessions: [{ cap: 2, taken: 2, waiting: 1 }],
  });
  await sql.begin(async (tx) => {
    // A claim keeps when it was made; here they are to be older.
    await tx`set local session_replication_role = replica`;
    await tx`update claim set made_at = made_at - interval '1 minute' where benefit_id = ${benefit}`;
  });
  expect(await watch()).toMatchObject({ claimsASecond: 0, made: 3 });
});

/** Yes and no to one claim, both decided, as far as nothing keeps them apart, before either is written. */
const decideBoth = (id: string) => {
  const decide = (body: object) => say(`claims/${id}/decision`, body);
  return race(
    sql,
    2,
    (tx) => tx`lock table claim in share mode`,
    () => [decide({ accept: true }), decide({ accept: false, reason })],
  );
};

test('who asks is approved or refused, once, with a reason; what he held goes to who waits', async () => {
  const { benefit, session } = await newSignUp();
  const members = await Promise.all([1, 2, 3, 4].map(() => city.addMember()));
  const ids: string[] = [];
  for (const member of members) ids.push(await claimFor(member, benefit, session));
  const [first = '', second = '', third = '', fourth = ''] = ids;
  const decide = (id: string, body: object) => say(`claims/${id}/decision`, body);
  expect(await decide(first, { accept: true })).toEqual({ status: 200, state: 'confirmed' });
  expect(await decide(first, { accept: true })).toEqual({ status: 200, state: 'confirmed' });
  expect(await decide(first, { accept: false, reason })).toMatchObject({ code: 'claim_ended' });
  expect(await decide(second, { accept: false })).toMatchObject({ code: 'invalid_request' });
  expect(await decide(second, { accept: false, reason: '材料不全' })).toMatchObject({
    state: 'refused',
  });
  expect(await stateOf(sql, fourth)).toBe('offered');
  expect(await decide(fourth, { accept: true })).toMatchObject({ code: 'claim_ended' });
  const [told] = await sql`
    select reason from claim_event where claim_id = ${second} order by id desc limit 1`;
  expect(told?.['reason']).toBe('材料不全');
  expect(await entriesOf('claim', first)).toEqual(['claim.decide']);
  const both = await decideBoth(third);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(await entriesOf('claim', third)).toHaveLength(1);
});

test('without its locks a claim is decided twice, and nothing but the trigger is left to stop it', async () => {
  const { benefit, session } = await newSignUp();
  const id = await claimFor(await city.addMember(), benefit, session);
  const locks: Edits = [
    ['perform lock_places(c.benefit_id, array[c.session_id]);', ''],
    ['l.id = p_id for update;', 'l.id = p_id;'],
  ];
  const both = await without(sql, 'decide_claim', locks, () => decideBoth(id));
  // The second one met claim_moves_forward: no answer that anybody could read.
  expect(both.map(({ status }) => status).sort()).toEqual([200, 500]);
});

test('a name is whole for who keeps the members of that union, and for nobody else', async () => {
  const { benefit, session } = await newSignUp();
  await claimFor(await city.addMember({ name: '金丝雀' }), benefit, session);
  await claimFor(
    await city.addMember({ name: '百灵鸟', enterprise: city.unions.hostEnterprise }),
    benefit,
    session,
  );
  const names = async (browser: Browser) =>
    (await list(benefit, '', browser)).map(({ name }) => name);
  expect(await names(desk.at.home)).toEqual(['金丝雀', '百＊']);
  // He may read, and keeps no members.
  expect(await names(desk.at.viewer)).toEqual(['金＊', '百＊']);
  // It has places of this benefit: it sees its own, and only them.
  expect(await names(desk.at.host)).toEqual(['百灵鸟']);
  expect(await names(desk.at.city)).toEqual(['金丝雀', '百灵鸟']);
  const file = await (await desk.at.home.get(`/api/benefits/${benefit}/claimants.csv`)).text();
  expect(file).toContain('金丝雀');
  expect(file).not.toContain('百灵鸟');
});

test('pages of any size join to the list, each filter keeps its rows, and the file is the list', async () => {
  const { benefit, session } = await newSignUp();
  const other = await addSession(benefit, { cap: 5 });
  const made: string[] = [];
  for (let i = 0; i < 5; i += 1)
    made.push(await claimFor(await city.addMember(), benefit, i < 3 ? session : other));
  // Of one instant, which only their ids order.
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update claim set made_at = '2026-01-01Z' where id in ${tx(made.slice(0, 3))}`;
  });
  await say(`claims/${made[0]}/decision`, { accept: true });
  const whole = await list(benefit);
  const ids = (rows: Row[]) => rows.map(({ id }) => id);
  expect(ids(whole)).toEqual([...made.slice(0, 3).sort(), ...made.slice(3)]);
  for (const limit of [1, 2, 3, 5]) expect(await list(benefit, `limit=${limit}`)).toEqual(whole);
  expect(ids(await list(benefit, `session=${other}`))).toEqual(made.slice(3));
  expect(ids(await list(benefit, 'state=confirmed'))).toEqual([made[0]]);
  expect(ids(await list(benefit, `session=${other}&state=confirmed`))).toEqual([]);
  expect(whole[0]).toMatchObject({ answers: { car: 'manual' }, union: { id: expect.any(Number) } });
  const file = async (query: string) => {
    const answer = await desk.at.home.get(`/api/benefits/${benefit}/claimants.csv?${query}`);
    const text = (await answer.text()).replace(/^\uFEFF/, '');
    return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
  };
  const rows = await file('state=asked&language=en');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatchObject({ 'No.': '1', State: 'To be approved', Car: 'Manual' });
  expect((await file(''))[0]).toMatchObject({ 车型: '手动挡' });
});

test('what is not his to set up is not there for him, and another city’s cursor leads nowhere', async () => {
  const { benefit, session } = await newSignUp();
  const claim = await claimFor(await city.addMember(), benefit, session);
  await claimFor(await city.addMember(), benefit, session);
  const first = await desk.at.home.get(`/api/benefits/${benefit}/claimants?limit=1`);
  const { next } = (await first.json()) as Page;
  expect(await list(benefit, `cursor=${next}`, desk.at.host)).toEqual([]);
  expect((await look(benefit, desk.at.host)).can).toEqual({ set: false, decide: false });
  expect((await look(benefit, desk.at.viewer)).can).toEqual({ set: false, decide: false });
  for (const browser of [desk.at.host, desk.at.viewer]) {
    const refused = { status: 404, code: 'not_found' };
    const ask = (path: string, body: object, method = 'POST') => say(path, body, method, browser);
    expect(await ask(`benefits/${benefit}/claim-terms`, terms, 'PUT')).toMatchObject(refused);
    expect(await ask(`claim-sessions/${session}/cap`, { cap: 9, reason }, 'PUT')).toMatchObject(
      refused,
    );
    expect(await ask(`claims/${claim}/decision`, { accept: true })).toMatchObject(refused);
  }
});
