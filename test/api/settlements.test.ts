// Risk (I15, I16, I18): a closed month changes, two unions are told different figures, a dispute is decided twice, or a
// correction charges somebody who never bore the use.
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { Clearing, monthAgo, type Statement } from '../support/clearing.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';

const { sql } = await createDatabase();
const city = await Clearing.open(sql);
const { desk, split, own } = city;
const { at } = desk;
const { root, home, host } = desk.city.unions;
const [month, before] = [monthAgo(1), monthAgo(2)];
const reason = '当天没有来过';

const uses = await city.usedAt(`${before.slice(0, 8)}20T04:00:00Z`, [
  [split, 1],
  [split, 2],
  [own, 1],
  [own, 3],
  [own, 1],
  [own, 1],
]);
const [splitUse = '', , ownUse = '', bigUse = '', thirdUse = '', fourthUse = ''] = uses;

const code = async (answer: Response | Promise<Response>) =>
  ((await (await answer).json()) as { code: string }).code;
const dispute = (
  browser: Browser,
  { id }: Pick<Statement, 'id'>,
  union: number | null,
  redemption: string,
  claimedFen: number,
) => browser.post(`/api/statements/${id}/disputes`, { union, redemption, claimedFen, reason });
const answer = (browser: Browser, id: number, decision: string, correctedFen?: number) =>
  browser.post(`/api/disputes/${id}/answer`, {
    decision,
    reason: '查过了',
    ...(correctedFen !== undefined && { correctedFen }),
  });
const idOf = async (made: Promise<Response>) => {
  const raised = await made;
  expect([raised.status, raised.status === 201 ? '' : await raised.text()]).toEqual([201, '']);
  return ((await raised.json()) as { id: number }).id;
};
const legs = (redemption: string) => sql`
  select t.kind, t.leg, coalesce(p.union_id, q.union_id) as union, t.amount_fen as fen,
    q.kind = 'payable' as "isCharge"
  from transfer t join account p on p.id = t.payer_id join account q on q.id = t.payee_id
  where t.redemption_id = ${redemption} order by t.kind, t.leg`;

test('a month is closed when it is over, after those before it, once, and by the city’s money', async () => {
  const close = (browser: Browser, which: string) => browser.post(`/api/periods/${which}/closing`);
  expect(await code(close(at.city, monthAgo(0)))).toBe('period_not_over');
  expect(await code(close(at.city, month))).toBe('period_earlier_open');
  expect(await code(close(at.host, before))).toBe('not_found');
  // Nothing was booked so early: there is no such month, and none is made.
  expect(await code(close(at.city, monthAgo(3)))).toBe('not_found');
  expect(await code(close(at.city, '2026-13-01'))).toBe('invalid_request');
  const begun = await Promise.all([close(at.city, before), close(city.second, before)]);
  expect(begun.map(({ status }) => status).sort()).toEqual([202, 409]);
  await city.finish();
  await city.finish();
  const periods = (await (await at.host.get('/api/periods')).json()) as {
    periods: Record<string, unknown>[];
  };
  expect(periods.periods).toMatchObject([
    { month: monthAgo(0), state: 'open', blockers: ['not_over'], canClose: false },
    { month, state: 'open', blockers: [], canClose: false, statements: 0 },
    { month: before, state: 'closed', blockers: [], statements: 3 },
  ]);
  expect(await sql`select * from statement_findings(${before}::date)`).toEqual([]);
  expect(await sql`select action from audit_entry where subject = 'period' order by id`).toEqual([
    { action: 'period.begin' },
    { action: 'period.close' },
  ]);
});

test('each pair hears of both gross sides, the partner of all, and positions sum to zero', async () => {
  expect(await city.statementOf(before, root, host)).toMatchObject({
    ...{ lines: 2, redemptions: 2, debitFen: 4500, creditFen: 0, state: 'open' },
  });
  expect(await city.statementOf(before, home, host)).toMatchObject({
    ...{ lines: 4, redemptions: 4, debitFen: 27_000, creditFen: 0 },
  });
  expect(await city.statementOf(before, host, 'partner')).toMatchObject({
    ...{ lines: 8, redemptions: 6, debitFen: 40_500, kind: 'partner' },
  });
  const [sum] = await sql`
    select sum(u.position)::int as zero from statement s cross join lateral (values
      (s.credit_fen - s.debit_fen), (s.debit_fen - s.credit_fen)) u (position) where s.kind = 'pair'`;
  expect(sum).toEqual({ zero: 0 });
  const mine = await city.statements(at.home);
  expect(mine.map(({ kind }) => kind)).toEqual(['pair']);
  expect((await city.statements(desk.manager)).map(({ kind }) => kind)).toEqual(['partner']);
});

test('nothing enters, changes or leaves a closed month', async () => {
  await setClock(sql, `${before.slice(0, 8)}25T04:00:00Z`);
  await expect(desk.redeem(own, 1, { at: `${before.slice(0, 8)}25T04:00:00Z` })).rejects.toThrow();
  await setClock(sql, null);
  for (const change of [
    sql`update statement set debit_fen = 0`,
    sql`update statement set confirmed_at = clock(), confirmed_by = 'x', hash = ''`,
    sql`delete from statement`,
    sql`update period set state = 'closing'`,
    sql`update period set state = 'open', closing_at = null, closed_at = null`,
    sql`delete from period`,
    sql`update ledger_day set amount_fen = 0 where day < ${before}::date + 27`,
    sql`delete from ledger_part where day < ${before}::date + 27`,
    sql`insert into statement (month, kind, union_id, partner_id, lines, redemptions, debit_fen, credit_fen, hash)
      select month, kind, union_id, ${desk.city.outlet.partner} , 1, 1, 1, 0, '' from statement where kind = 'pair'`,
  ])
    await expect(change).rejects.toThrow(/final/);
  const undone = await at.city.post(`/api/redemptions/${fourthUse}/reversal`, {
    id: fourthUse.replace(/^./, '0'),
    reason,
  });
  expect(undone.status).toBe(422);
});

test('a line is disputed once, answered by the other side, and corrected by its original shares', async () => {
  const pair = await city.statementOf(before, root, host);
  expect(await code(dispute(at.home, pair, home, splitUse, 0))).toBe('not_found');
  expect(await code(dispute(at.host, pair, root, splitUse, 0))).toBe('not_found');
  expect(await code(dispute(at.city, pair, root, ownUse, 0))).toBe('line_unknown');
  expect(await code(dispute(at.city, pair, root, splitUse, 4500))).toBe('claim_out_of_range');
  expect(await code(dispute(at.city, pair, root, splitUse, 4501))).toBe('claim_out_of_range');
  const id = await idOf(dispute(at.city, pair, root, splitUse, 1000));
  expect(await code(dispute(at.host, pair, host, splitUse, 0))).toBe('line_disputed');
  const confirm = (browser: Browser, union: number) =>
    browser.post(`/api/statements/${pair.id}/confirmation`, { union });
  expect(await code(confirm(at.host, host))).toBe('statement_disputed');
  expect(await (await at.host.get(`/api/statements/${pair.id}`)).json()).toMatchObject({
    disputes: [
      {
        ...{ redemptionId: splitUse, benefit: { id: split } },
        scannedAt: new Date(`${before.slice(0, 8)}20T04:00:00Z`).toISOString(),
        outlet: { id: desk.city.outlet.id },
      },
    ],
  });
  expect(await code(answer(at.city, id, 'accept'))).toBe('dispute_own');
  expect(await code(answer(at.home, id, 'accept'))).toBe('not_found');
  expect(await code(answer(at.host, id, 'uphold'))).toBe('not_found');
  expect((await answer(at.host, id, 'accept')).status).toBe(200);
  expect(await code(answer(at.host, id, 'accept'))).toBe('dispute_closed');
  // 1000 by 1500 : 3000 is 333 and 667.
  expect(await legs(splitUse)).toEqual([
    { kind: 'adjustment', leg: 1, union: root, fen: 1167, isCharge: false },
    { kind: 'adjustment', leg: 2, union: host, fen: 2333, isCharge: false },
    { kind: 'redemption', leg: 1, union: root, fen: 1500, isCharge: true },
    { kind: 'redemption', leg: 2, union: host, fen: 3000, isCharge: true },
  ]);
  expect((await confirm(at.host, host)).status).toBe(200);
  expect(await code(confirm(at.host, host))).toBe('statement_confirmed');
  expect(await code(dispute(at.host, pair, host, uses[1] ?? '', 0))).toBe('statement_confirmed');
  expect((await confirm(at.city, root)).status).toBe(200);
  expect(await city.statementOf(before, root, host)).toMatchObject({ state: 'confirmed' });
  expect(await sql`select * from statement_findings(${before}::date)`).toEqual([]);
});

test('what the other side declines the city decides, and not the person who said it', async () => {
  const pair = await city.statementOf(before, home, host);
  const id = await idOf(dispute(at.home, pair, home, ownUse, 0));
  expect(await code(answer(at.city, id, 'uphold'))).toBe('dispute_closed');
  expect((await answer(at.host, id, 'decline')).status).toBe(200);
  expect(await code(answer(at.host, id, 'dismiss'))).toBe('not_found');
  expect((await answer(at.city, id, 'uphold', 2000)).status).toBe(200);
  expect((await legs(ownUse)).at(0)).toMatchObject({ kind: 'adjustment', union: home, fen: 2500 });
  const second = await idOf(dispute(at.home, pair, home, thirdUse, 0));
  expect((await answer(at.home, second, 'withdraw')).status).toBe(200);
  const third = await idOf(dispute(at.home, pair, home, thirdUse, 0));
  expect((await answer(at.host, third, 'decline')).status).toBe(200);
  expect((await answer(at.city, third, 'dismiss')).status).toBe(200);
  expect(await legs(thirdUse)).toHaveLength(1);
  expect(await code(dispute(at.home, pair, home, thirdUse, 0))).toBe('line_disputed');
});

test('above the threshold an adjustment waits for a second person, and nothing has happened before', async () => {
  await sql`update trade_union set two_person_fen = 10000 where id = ${root}`;
  const pair = await city.statementOf(before, home, host);
  const id = await idOf(dispute(at.home, pair, home, bigUse, 0));
  expect((await answer(at.host, id, 'decline')).status).toBe(200);
  const waiting = await answer(at.city, id, 'uphold');
  expect(waiting.status).toBe(202);
  const { proposal } = (await waiting.json()) as { proposal: { id: number } };
  expect(await legs(bigUse)).toHaveLength(1);
  const yes = (browser: Browser) => browser.post(`/api/proposals/${proposal.id}/confirmation`, {});
  expect(await code(yes(at.city))).toBe('proposal_own');
  expect((await yes(city.second)).status).toBe(200);
  expect((await legs(bigUse)).at(0)).toMatchObject({ kind: 'adjustment', fen: 13_500 });
  const [entry] = await sql`
    select user_id, confirmed_by from audit_entry where action = 'adjustment.make' order by id desc limit 1`;
  expect(entry).toEqual({ user_id: at.city.userId, confirmed_by: city.second.userId });
});

test('a proposal about a dispute that was decided in the meantime is stale', async () => {
  const pair = await city.statementOf(before, home, host);
  await sql`update trade_union set two_person_fen = 0 where id = ${root}`;
  const id = await idOf(dispute(at.home, pair, home, fourthUse, 0));
  await answer(at.host, id, 'decline');
  const waiting = await answer(at.city, id, 'uphold');
  const { proposal } = (await waiting.json()) as { proposal: { id: number } };
  expect((await answer(city.second, id, 'dismiss')).status).toBe(200);
  expect(await code(city.second.post(`/api/proposals/${proposal.id}/confirmation`, {}))).toBe(
    'proposal_stale',
  );
  expect(await legs(fourthUse)).toHaveLength(1);
  await sql`update trade_union set two_person_fen = 1000000 where id = ${root}`;
});

test('a partner objects, its union holds a line back, and only an invoice makes it payable, and only then paid', async () => {
  const [first = '', second = ''] = await city.usedAt(`${month.slice(0, 8)}03T04:00:00Z`, [
    [own, 1],
    [own, 2],
  ]);
  await city.close(month);
  const old = await city.statementOf(before, host, 'partner');
  const statement = await city.statementOf(month, host, 'partner');
  const line = (browser: Browser, method: 'put' | 'delete', one: Statement, redemption: string) =>
    browser[method](`/api/statements/${one.id}/suspensions/${redemption}`, { reason });
  const invoice = (browser: Browser, one: Statement, number: string) =>
    browser.put(`/api/statements/${one.id}/invoice`, { number });
  const pay = (one: Statement, paidOn = monthAgo(0)) =>
    at.host.put(`/api/statements/${one.id}/payment`, { bankReference: 'HK20261101-7', paidOn });

  expect(await code(line(at.home, 'put', statement, first))).toBe('not_found');
  expect(await code(line(desk.manager, 'put', statement, first))).toBe('not_found');
  expect(await code(line(at.host, 'put', statement, splitUse))).toBe('line_unknown');
  expect((await line(at.host, 'put', statement, first)).status).toBe(200);
  expect(await code(line(at.host, 'put', statement, first))).toBe('line_suspended');
  expect((await line(at.host, 'put', statement, second)).status).toBe(200);
  expect((await line(at.host, 'delete', statement, second)).status).toBe(200);
  expect(await code(pay(statement))).toBe('invoice_missing');
  expect(await code(invoice(desk.manager, statement, '24312000000012345678'))).toBe('not_found');
  expect(await (await invoice(at.host, statement, '24312000000012345678')).json()).toMatchObject({
    payableFen: 9000,
  });
  expect(await code(invoice(at.host, statement, '24312000000012345679'))).toBe(
    'statement_invoiced',
  );
  expect(await code(line(at.host, 'put', statement, second))).toBe('statement_invoiced');
  expect(await code(pay(statement, '2099-01-01'))).toBe('paid_on_impossible');
  expect((await pay(statement)).status).toBe(200);
  expect(await code(pay(statement))).toBe('statement_paid');
  expect(await code(dispute(desk.manager, statement, null, first, 0))).toBe('statement_paid');

  // Released after its own invoice it comes with the next one, whichever that is.
  expect((await line(at.host, 'delete', statement, first)).status).toBe(200);
  expect(await code(invoice(at.host, old, '24312000000012345678'))).toBe('invoice_used');
  expect(await (await invoice(at.host, old, '24312000000012345680')).json()).toMatchObject({
    payableFen: 40_500 + 4500,
  });
  // On both papers what is held back and what is carried explain what is paid, to whom it is owed as well.
  for (const [one, sums] of [
    [statement, { debitFen: 13_500, suspendedFen: 4500, carriedFen: 0, payableFen: 9000 }],
    [old, { debitFen: 40_500, suspendedFen: 0, carriedFen: 4500, payableFen: 45_000 }],
  ] as const)
    expect(await (await desk.manager.get(`/api/statements/${one.id}`)).json()).toMatchObject(sums);
  expect(await (await desk.manager.get(`/api/statements/${statement.id}`)).json()).toMatchObject({
    suspensions: [
      { redemptionId: first, amountFen: 4500, reason, releaseReason: reason, carriedTo: old.id },
      { redemptionId: second, amountFen: 9000, reason, carriedTo: statement.id },
    ],
  });
  const csv = await (await desk.manager.get('/api/statements.csv')).text();
  const { data: papers } = Papa.parse<Record<string, string>>(
    csv.replace(/^\uFEFF/, '').trimEnd(),
    {
      header: true,
    },
  );
  expect(papers).toMatchObject([
    {
      ...{ suspended_fen: '4500', carried_fen: '0', payable_fen: '9000' },
      ...{ invoice: '24312000000012345678', bank_reference: 'HK20261101-7', paid_on: monthAgo(0) },
    },
    {
      ...{ suspended_fen: '0', carried_fen: '4500', payable_fen: '45000' },
      ...{ invoice: '24312000000012345680', bank_reference: '', paid_on: '' },
    },
  ]);
  const objection = await idOf(dispute(desk.manager, old, null, ownUse, 4500));
  expect(await code(answer(desk.manager, objection, 'accept'))).toBe('not_found');
  expect((await answer(at.host, objection, 'accept')).status).toBe(200);
  expect((await legs(ownUse)).slice(0, 2)).toMatchObject([
    { leg: 1, fen: 2500, isCharge: false },
    { leg: 2, fen: 2500, isCharge: true },
  ]);

  // Declined it goes to the city, once.
  const declined = await idOf(dispute(desk.manager, old, null, thirdUse, 2000));
  expect(await code(answer(at.city, declined, 'uphold'))).toBe('dispute_closed');
  expect((await answer(at.host, declined, 'decline')).status).toBe(200);
  for (const browser of [at.host, at.home, desk.manager])
    expect(await code(answer(browser, declined, 'uphold'))).toBe('not_found');
  const { disputes } = (await (await at.city.get(`/api/statements/${old.id}`)).json()) as {
    disputes: { id: number; canRule: boolean }[];
  };
  expect(disputes.find(({ id }) => id === declined)).toMatchObject({ canRule: true });
  expect((await answer(at.city, declined, 'uphold')).status).toBe(200);
  expect(await code(answer(at.city, declined, 'dismiss'))).toBe('dispute_closed');
  expect(await legs(thirdUse)).toMatchObject([
    { kind: 'adjustment', union: home, fen: 2500, isCharge: false },
    { kind: 'redemption' },
  ]);
});

test('above the threshold a payment takes a second person too, and counts once', async () => {
  const old = await city.statementOf(before, host, 'partner');
  await sql`update trade_union set two_person_fen = 44999 where id = ${host}`;
  const ask = async (bankReference: string) => {
    const paid = { bankReference, paidOn: monthAgo(0) };
    const waiting = await at.host.put(`/api/statements/${old.id}/payment`, paid);
    expect(waiting.status).toBe(202);
    return ((await waiting.json()) as { proposal: { id: number } }).proposal.id;
  };
  const yes = (browser: Browser, id: number) =>
    browser.post(`/api/proposals/${id}/confirmation`, {});
  const isProposed = async (browser: Browser) => {
    const seen = (await browser.get(`/api/statements/${old.id}`)).json();
    return ((await seen) as { isPaymentProposed: boolean }).isPaymentProposed;
  };
  const [first, again] = [await ask('HK20261101-8'), await ask('HK20261101-9')];
  expect([await isProposed(at.host), await isProposed(desk.manager)]).toEqual([true, false]);
  const paid = () => sql`select bank_reference as reference from statement where id = ${old.id}`;
  expect(await paid()).toEqual([{ reference: null }]);
  expect(await code(yes(at.host, first))).toBe('proposal_own');
  expect((await yes(city.second, first)).status).toBe(200);
  expect(await code(yes(city.second, again))).toBe('proposal_stale');
  expect(await isProposed(at.host)).toBe(false);
  expect(await paid()).toEqual([{ reference: 'HK20261101-8' }]);
  const entries = await sql`
    select user_id, confirmed_by from audit_entry
    where action = 'statement.pay' and subject_id = ${String(old.id)}`;
  expect(entries).toEqual([{ user_id: at.host.userId, confirmed_by: city.second.userId }]);
});

test('of two who dispute a line, confirm and dispute, or answer at once, exactly one gets it', async () => {
  const pair = await city.statementOf(month, home, host);
  const [first] = (
    (await (await at.home.get(`/api/statements/${pair.id}/lines`)).json()) as {
      lines: { redemptionId: string }[];
    }
  ).lines;
  const redemption = first?.redemptionId ?? '';
  const holdStatement = (tx: typeof sql | Parameters<Parameters<typeof race>[2]>[0]) =>
    tx`select from statement where id = ${pair.id} for update`;
  const raised = await race(sql, 2, holdStatement, () => [
    dispute(at.home, pair, home, redemption, 0),
    dispute(at.host, pair, host, redemption, 0),
  ]);
  expect(raised.map(({ status }) => status).sort()).toEqual([201, 409]);
  const [made] = await sql<{ id: number; unionId: number }[]>`
    select id, union_id as "unionId" from dispute where statement_id = ${pair.id}`;
  const [raiser, other] = made?.unionId === home ? [at.home, at.host] : [at.host, at.home];
  const answers = await race(sql, 2, holdStatement, () => [
    answer(other, made?.id ?? 0, 'accept'),
    answer(raiser, made?.id ?? 0, 'withdraw'),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [state] = await sql<
    { state: string }[]
  >`select state from dispute where id = ${made?.id ?? 0}`;
  expect(await legs(redemption)).toHaveLength(state?.state === 'accepted' ? 2 : 1);

  const said = await race(sql, 2, holdStatement, () => [
    at.home.post(`/api/statements/${pair.id}/confirmation`, { union: home }),
    at.home.post(`/api/statements/${pair.id}/disputes`, {
      ...{ union: home, redemption: uses[5] ?? '', claimedFen: 0, reason },
    }),
  ]);
  const outcomes = await Promise.all(said.map(async (one) => (await one.json()) as object));
  expect(outcomes).toSatisfy((list: Record<string, unknown>[]) =>
    list.some(({ code: one }) => one === 'statement_confirmed' || one === 'line_unknown'),
  );
});

test('without its index two disputes of one line both stand', async () => {
  await sql`drop index dispute_once`;
  const pair = await city.statementOf(before, home, host);
  await sql`delete from dispute where redemption_id = ${fourthUse}`;
  const raised = await race(
    sql,
    2,
    (tx) => tx`select from statement where id = ${pair.id} for update`,
    () => [dispute(at.home, pair, home, fourthUse, 0), dispute(at.host, pair, host, fourthUse, 0)],
  );
  expect(raised.map(({ status }) => status)).toEqual([201, 201]);
});
