// Risk: a code leaks to somebody it is not for, or its seller is told a figure that the till does not know.
import { expect, test } from 'vitest';
import { idIn } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const desk = await openConsole(sql, counter);
const { city } = counter;
const { home, homeEnterprise } = city.unions;
const codes = ['STRAWBERRY-0001', 'STRAWBERRY-0002', 'STRAWBERRY-0003'];

/** An offer for 40 yuan instead of 60, all of it paid by the member at the till. */
async function openOffer(): Promise<number> {
  const benefit = await city.addBenefit({
    ...{ union: homeEnterprise, price: 4000, limit: [5, 'month'], quantityMax: 2 },
  });
  await sql`
    update benefit set face_value_fen = 6000, funding = '[{"payer": "co_payment", "parts": 1}]'
    where id = ${benefit}`;
  await city.letClaim(benefit, { kind: 'offer', hasWaitList: false });
  return benefit;
}

const upload = (benefit: number, list: string[]) =>
  desk.at.home.post(`/api/benefits/${benefit}/codes`, { codes: list, reason: '第一批' });

type Page = { sessions: { id: number; left: number }[]; hasCodes: boolean; memberFen: number };
type Own = { id: string; codes: string[]; canCancel: boolean; state: string };

test('a member reads his own code and nobody else’s; no log, no audit and no colleague does', async () => {
  const benefit = await openOffer();
  const added = await expectStatus(upload(benefit, [...codes, codes[0] ?? '']), 200);
  expect(added).toEqual({ added: 3, known: 1, codes: 3, free: 3 });
  const again = await expectStatus(upload(benefit, codes), 200);
  expect(again).toEqual({ added: 0, known: 3, codes: 3, free: 3 });
  const [one, other] = [await counter.addHolder(), await counter.addHolder()];
  const page = await expectStatus<Page>(one.phone.get(`/api/benefits/${benefit}/claims`), 200);
  expect(page).toMatchObject({ hasCodes: true, memberFen: 4000, faceValueFen: 6000 });
  const session = page.sessions[0]?.id;
  const id = idIn(one.cell);
  await expectStatus(one.phone.put(`/api/claims/${id}`, { benefit, session, quantity: 2 }), 201);
  const own = await expectStatus<Own>(one.phone.get(`/api/claims/${id}`), 200);
  expect(own).toMatchObject({ codes: codes.slice(0, 2), canCancel: false, state: 'confirmed' });
  const { claims } = await expectStatus<{ claims: Own[] }>(one.phone.get('/api/me/claims'), 200);
  expect(claims[0]?.codes).toEqual(codes.slice(0, 2));
  expect((await other.phone.get(`/api/claims/${id}`)).status).toBe(404);
  expect((await problemOf(one.phone.post(`/api/claims/${id}/cancellation`))).code).toBe(
    'code_given',
  );

  const audit = JSON.stringify(await desk.entries('benefit', benefit));
  expect(audit).toContain('codes.add');
  const usage = await (await desk.at.home.get(`/api/benefits/${benefit}/usage`)).text();
  const told = [audit, usage, JSON.stringify(counter.app.logged)].join();
  expect(codes.filter((code) => told.includes(code))).toEqual([]);
});

test('the seller is told what was taken and used, by code and by card, and what members saved', async () => {
  const withCodes = await openOffer();
  await expectStatus(upload(withCodes, codes), 200);
  const byCard = await openOffer();
  const member = await counter.addHolder();
  const page = await expectStatus<Page>(member.phone.get(`/api/benefits/${withCodes}/claims`), 200);
  await expectStatus(
    member.phone.put(`/api/claims/${idIn(member.cell)}`, {
      ...{ benefit: withCodes, session: page.sessions[0]?.id },
    }),
    201,
  );
  for (const id of [idIn(member.cell), idIn(member.cell)])
    await expectStatus(member.phone.put(`/api/claims/${id}`, { benefit: byCard }), 201);
  const redeemed = await counter.redeem(member, byCard);
  expect(redeemed.answer.status).toBe(201);

  const usageOf = (benefit: number) =>
    expectStatus(desk.at.home.get(`/api/benefits/${benefit}/usage`), 200);
  const money = { memberFen: 4000, faceValueFen: 6000 };
  expect(await usageOf(withCodes)).toMatchObject({
    ...{ stock: 3, claimed: 1, used: 1, codes: { all: 3, free: 2 }, savedFen: 2000 },
    ...money,
    days: [{ claimed: 1, used: 1 }],
  });
  expect(await usageOf(byCard)).toMatchObject({
    ...{ stock: 1000, claimed: 2, used: 1, codes: null, savedFen: 2000 },
    ...money,
  });
  const file = await (await desk.at.home.get(`/api/benefits/${byCard}/usage.csv`)).text();
  expect(file).toMatch(/^day,claimed,used,saved_yuan\r\n\d{4}-\d\d-\d\d,2,1,20\.00\r\n$/);
  const undone = await counter.till.post(`/api/redemptions/${redeemed.id}/reversal`, {
    ...{ id: idIn(member.cell), reason: '试一试' },
  });
  expect(undone.status).toBe(201);
  expect(await usageOf(byCard)).toMatchObject({ claimed: 2, used: 0, savedFen: 0 });
});

test('a code that was given is not redeemed at a till besides', async () => {
  const benefit = await openOffer();
  await expectStatus(upload(benefit, codes), 200);
  const member = await counter.addHolder();
  const page = await expectStatus<Page>(member.phone.get(`/api/benefits/${benefit}/claims`), 200);
  await expectStatus(
    member.phone.put(`/api/claims/${idIn(member.cell)}`, {
      ...{ benefit, session: page.sessions[0]?.id },
    }),
    201,
  );
  const { ticket } = await counter.scan({ pass: (await passOf(member)).url });
  const put = counter.till.put(`/api/redemptions/${idIn(member.cell)}`, {
    ...{ ticket, benefit, quantity: 1 },
  });
  expect((await problemOf(put)).code).toBe('claim_needed');
});

test.each([
  ['too short', ['ABC']],
  ['too long', ['A'.repeat(65)]],
  ['with a space', ['AB CD']],
  ['with a line in it', ['ABCD\nEFGH']],
  ['full-width', ['ＡＢＣＤ']],
  ['a number', [12345]],
  ['none at all', []],
  ['too many at once', Array.from({ length: 2001 }, (_, i) => `CODE-${i}`)],
])('codes %s: 400, none taken, none named', async (_what, list) => {
  const benefit = await openOffer();
  const answer = await upload(benefit, list as string[]);
  const text = await answer.text();
  expect(answer.status).toBe(400);
  expect(text).toContain('invalid_request');
  expect(list.filter((code) => text.includes(`"${String(code)}"`))).toEqual([]);
  expect(await sql`select from offer_code where benefit_id = ${benefit}`).toEqual([]);
});

test('where a union pays a part, a code is refused; places beyond the codes too', async () => {
  const paid = await city.addBenefit({ union: home });
  await city.letClaim(paid, { kind: 'offer' });
  expect((await problemOf(upload(paid, codes))).code).toBe('codes_not_paid');
  const plain = await city.addBenefit({ union: home });
  expect((await problemOf(upload(plain, codes))).code).toBe('claims_not_set');
});
