// Risk: a card on paper, whose code anybody may copy, is good without its holder, without limit or for ever.
import { beforeEach, expect, test } from 'vitest';
import { printPass, printedKid } from '../../api/passes/printed.ts';
import { rotate } from '../../api/passes/rotate.ts';
import { verifyPass } from '../../api/passes/verify.ts';
import { createApp } from '../support/app.ts';
import { idIn, type Member } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { forgeToken } from '../support/forge.ts';
import { giveIdNumber } from '../support/id-card.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, app, till } = counter;
const desk = await openConsole(sql, counter);
const outlet = city.outlet.id;
const reason = '没有智能手机';

type Printed = { card: { content: string; expiresAt: string } | null };
type Scan = {
  ticket: string;
  cardKind: string;
  benefits: { quantityMax: number; reason: string }[];
};

let elder: Member;
let number: string;
let pass: string;

beforeEach(async () => {
  elder = await city.addMember({ name: '老人家' });
  await sql`delete from card where cell = ${elder.cell} and member_id = ${elder.id}`;
  number = await giveIdNumber(sql, elder);
  pass = await issue();
});

async function issue(): Promise<string> {
  const path = `/api/members/${elder.id}/printed-card`;
  const { card } = await expectStatus<Printed>(desk.at.home.put(path, { reason }), 200);
  return card?.content ?? '';
}

const scan = (idLastFour?: string, shown = pass, from = till) =>
  from.post('/api/scans', { pass: shown, outlet, ...(idLastFour && { idLastFour }) });
const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;
const right = () => number.slice(-4);
const wrong = () => (right().startsWith('0') ? '1' : '0') + right().slice(1);

test('it is redeemed together with the ID card, one at a time and within its lower limit', async () => {
  const benefit = await city.addBenefit({ limit: [5, 'day'], quantityMax: 5 });
  expect(await code(scan())).toBe('id_check_required');
  expect(await code(scan(wrong()))).toBe('id_check_failed');
  const seen = await expectStatus<Scan>(scan(right().toLowerCase()), 200);
  expect(seen.cardKind).toBe('printed');
  expect(Math.max(...seen.benefits.map((one) => one.quantityMax))).toBe(1);

  const put = (ticket: string, quantity: number) =>
    till.put(`/api/redemptions/${idIn(elder.cell)}`, { ticket, benefit, quantity });
  expect(await code(put(seen.ticket, 2))).toBe('quantity_too_large');
  const ids = [idIn(elder.cell), idIn(elder.cell)];
  const body = { ticket: seen.ticket, benefit, quantity: 1 };
  await expectStatus(till.put(`/api/redemptions/${ids[0]}`, body), 201);
  expect(await code(till.put(`/api/redemptions/${ids[1]}`, body))).toBe('pass_already_used');
  // The code is the same for ever; what bounds it is the printed card's own limit.
  const again = await expectStatus<Scan>(scan(right()), 200);
  expect(await code(put(again.ticket, 1))).toBe('limit_reached');
  const [row] = await sql<{ kind: string; jti: number }[]>`
    select c.kind, r.jti from redemption r
    join card c on c.cell = r.cell and c.number = r.card_number where r.id = ${ids[0] ?? ''}`;
  expect(row?.kind).toBe('printed');
  expect(row?.jti).toBeGreaterThan(0);
});

test('five wrong ID cards an hour over all nodes, however many ask at once', async () => {
  const other = createApp(sql);
  const colleague = await city.addOperator(city.outlet.partner, [city.outlet]);
  const elsewhere = await other.signInAs(colleague.userId);
  const heard = await Promise.all(
    Array.from({ length: 24 }, (_, i) => code(scan(wrong(), pass, i % 2 ? till : elsewhere))),
  );
  const failed = heard.filter((one) => one === 'id_check_failed');
  expect(failed).toHaveLength(5);
  expect(new Set(heard)).toEqual(new Set(['id_check_failed', 'too_many_attempts']));
  expect(await code(scan(right()))).toBe('too_many_attempts');
  await sql`update rate_window set ends_at = clock() where key like 'id check of %'`;
  // Right ones do not count, however many there are.
  for (let i = 0; i < 7; i++) await expectStatus(scan(right()), 200);
});

test('a copy is refused as soon as the card is replaced, revoked, out of date, or its holder has left', async () => {
  const copy = pass;
  pass = await issue();
  expect(await code(scan(right(), copy))).toBe('card_replaced');
  await expectStatus(scan(right()), 200);

  const [card] = await sql<{ number: number }[]>`
    select number from card where member_id = ${elder.id} and status = 'live'`;
  const old = { card: card?.number ?? 0, exp: Math.floor(Date.now() / 1000) - 1 };
  expect(await code(scan(right(), await printPass(app.services, old)))).toBe(
    'printed_card_expired',
  );

  await sql`update affiliation set ended_at = clock() where member_id = ${elder.id}`;
  expect(await code(scan(right()))).toBe('member_left');
  await sql`update affiliation set ended_at = null where member_id = ${elder.id}`;

  const path = `/api/members/${elder.id}/printed-card`;
  await expectStatus(desk.at.home.delete(path, { reason: '遗失' }), 200);
  expect(await code(scan(right()))).toBe('card_lost');
  expect(await code(desk.at.home.delete(path, { reason: '遗失' }))).toBe('changed_meanwhile');
  const entries = await desk.entries('member', elder.id);
  expect(entries.map((entry) => String(entry['action']))).toEqual([
    'card.print',
    'card.print',
    'card.revoke',
  ]);
});

test('nobody makes one but the server, and a rotation of keys leaves it good', async () => {
  const [card] = await sql<{ number: number }[]>`
    select number from card where member_id = ${elder.id} and status = 'live'`;
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
  ]);
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const claims = { kid: printedKid, card: card?.number ?? 0, jti: 0, exp: 4_000_000_000 };
  const { origin } = app.services.config;
  expect(await code(scan(right(), forgeToken(origin, claims, jwk)))).toBe('pass_invalid');
  const changed = pass.replace(/.{3}$/, (end) => (end === 'AAA' ? 'BBB' : 'AAA'));
  expect(await code(scan(right(), changed))).toBe('pass_invalid');
  // Where passes are judged without a look at the ID card, it is none.
  await expect(verifyPass(app.services, pass)).rejects.toMatchObject({ code: 'pass_invalid' });

  const before = await expectStatus<Scan>(scan(right()), 200);
  await rotate(app.services);
  await sql`update signing_key set retires_at = clock() where retires_at is not null`;
  await sql`update signing_key set signs_from = '2020-01-01Z' where retires_at is null`;
  app.services.keys.forget();
  const after = await expectStatus<Scan>(scan(right()), 200);
  expect([before.cardKind, after.cardKind]).toEqual(['printed', 'printed']);
});

test('it is made only where the ID card is on file, and never while the cards are blocked', async () => {
  const path = `/api/members/${elder.id}/printed-card`;
  await sql`update card set status = 'blocked', ended_at = clock() where member_id = ${elder.id}`;
  expect(await code(desk.at.home.put(path, { reason }))).toBe('card_blocked');
  expect(await code(scan(right()))).toBe('card_blocked');
  await sql`update card set status = 'lost' where member_id = ${elder.id}`;
  await sql`update member set id_hash = null, id_cipher = null where id = ${elder.id}`;
  expect(await code(desk.at.home.put(path, { reason }))).toBe('id_number_missing');
  expect(await expectStatus<Printed>(desk.at.home.get(path), 200)).toMatchObject({ card: null });
  // Who keeps no members reads nobody's name here.
  expect(await code(desk.at.viewer.get(path))).toBe('not_found');
});

test('several are printed at once by their own union', async () => {
  const { home, host } = city.unions;
  const sheet = await expectStatus<{ cards: { content: string }[]; next: string | null }>(
    desk.at.home.get(`/api/unions/${home}/printed-cards?limit=1`),
    200,
  );
  expect(sheet.cards.map(({ content }) => content)).toEqual([pass]);
  const rest = await expectStatus<{ cards: { content: string }[] }>(
    desk.at.home.get(`/api/unions/${home}/printed-cards?after=${sheet.next ?? ''}`),
    200,
  );
  expect(rest.cards.map(({ content }) => content)).not.toContain(pass);
  expect(await code(desk.at.host.get(`/api/unions/${home}/printed-cards`))).toBe('not_found');
  await expectStatus(desk.at.host.get(`/api/unions/${host}/printed-cards`), 200);
});
