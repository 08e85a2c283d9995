// Risk (I17, I23): a host district learns who the other districts' members are that use benefits there: by a list, a
// search, an export or the audit. Generated over every route that tells something, for every role a union has.
import { expect, test } from 'vitest';
import { operations } from '../../api/docs/operations.ts';
import { phoneHash, sealPhone } from '../../api/members/personal-data.ts';
import { type Browser, testSecret } from '../support/app.ts';
import { openConsole, signInSomebody } from '../support/console.ts';
import { expectStatus, openCounter } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, claimFor } from '../support/door.ts';
import { giveIdNumber } from '../support/id-card.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const desk = await openConsole(sql, counter);
const { city } = counter;
const { home, host } = city.unions;

const name = '金丝雀';
const phone = '+8613987654321';
const holder = await counter.addHolder({ name, tags: ['侨眷标签'] });
const idNumber = await giveIdNumber(sql, holder);
const hash = await phoneHash(testSecret, phone);
const cipher = await sealPhone(testSecret, phone);
await sql`
  update member set phone_hash = ${hash}, phone_cipher = ${cipher} where id = ${holder.id}`;

// He uses the host's cinema, denies it, is blocked and cleared, has a card on paper and a proxy.
const benefit = await desk.addCityBenefit();
const { id: redemption } = await counter.redeem(holder, benefit);
const undone = await desk.redeem(benefit, 1, { member: holder });
await desk.undo(undone);
await expectStatus(holder.phone.post(`/api/me/redemptions/${redemption}/alert`), 201);
const block = `/api/redemptions/${redemption}/card/block`;
await expectStatus(desk.at.home.post(block, { reason: '核实' }), 200);
await expectStatus(desk.at.home.delete(block, { reason: '核实' }), 200);
const printed = `/api/members/${holder.id}/printed-card`;
await expectStatus(desk.at.home.put(printed, { reason: '备用' }), 200);
await expectStatus(
  holder.phone.post('/api/me/proxies', { phone: '+8613912345670', label: '表妹' }),
  200,
);
const [given] = await sql<{ number: number; expiresAt: Date }[]>`
  select number, expires_at as "expiresAt" from card
  where member_id = ${holder.id} and kind = 'printed'`;

// He is expected at the host's own activity, and missed another there.
const activity = { union: host, audience: {}, pools: { shared: 10 }, outlet: city.outlet.id };
const where = await addGathering(city, activity);
const claim = await claimFor(city, holder, where);
await sql`
  insert into mark (cell, member_id, claim_id, kind, weight, at, expires_at)
  values (${holder.cell}, ${holder.id}, ${claim}, 'no_show', 1, clock(), clock() + interval '90 days')`;

/** Whatever would tell who it is: his name beyond its first character, his numbers in any writing, and who acts for him. */
const traces = [
  ...['丝雀', '%E4%B8%9D', '\\u4e1d', '表妹', '侨眷标签'],
  ...[phone.slice(3), hash, idNumber, idNumber.slice(6)],
  ...[String(holder.id), String(holder.card), String(given?.number)],
];
const tracesIn = (text: string) => traces.filter((trace) => text.includes(trace));

/** What an address may be asked about; a new kind of thing needs its line here. */
const things: [address: RegExp, ids: (number | string)[]][] = [
  [/^\/api\/unions\/:id/, [home, host]],
  [/^\/api\/members\/:id/, [holder.id]],
  [/^\/api\/benefits\/:id/, [benefit, where.benefit]],
  [/^\/api\/redemptions\/:id/, [redemption, undone]],
  [/^\/api\/outlets\/:id/, [city.outlet.id]],
  [/^\/api\/claims\/:id/, [claim]],
  [/^\/api\/claim-sessions\/:id/, [where.session]],
  [/^\/api\/partners\/:id/, [city.outlet.partner]],
  [/^\/api\/(devices|statements|imports|officers|applications)\/:id/, [1, 2, 3]],
  [/^\/api\/me\/mandates\/:id/, [1]],
  [/^\/api\/(?!.*:id)/, ['']],
  [/^\/\.well-known/, ['']],
];
const others: Record<string, string[]> = {
  picture: ['flows', 'take-up', 'unused', 'unusual', 'unmet'],
  year: [String(new Date().getUTCFullYear())],
};
// Without a filter a list tells everything; these narrow it to him, which must tell no more.
const filters: Record<string, string[]> = {
  '/api/redemptions': [`?benefit=${benefit}`],
  '/api/redemptions.csv': ['?from=2020-01-01', '?from=2020-01-01&lang=en'],
  '/api/audit': ['?subject=member', `?subject=member&id=${holder.id}`],
};

type Ask = { key: string; method: string; path: string; body?: unknown };

function asks(): Ask[] {
  const found = Object.keys(operations).flatMap((key): Ask[] => {
    const [method = '', address = ''] = key.split(' ');
    const isSearch = address.endsWith('/search');
    if (method !== 'GET' && !isSearch) return [];
    const ids = things.find(([form]) => form.test(address))?.[1];
    if (ids === undefined) throw new Error(`${key}: what may it be asked about?`);
    const paths: string[] = ids
      .map((id) => address.replace(':id', String(id)))
      .flatMap((path) => {
        const [part = '', what = ''] = /:(\w+)/.exec(path) ?? [];
        return what === '' ? [path] : (others[what] ?? []).map((one) => path.replace(part, one));
      })
      .flatMap((path) => ['', ...(filters[path] ?? [])].map((query) => path + query));
    const bodies = isSearch
      ? [{ name }, { name: '金' }, { person: { phone } }, { person: { idNumber } }, {}]
      : [undefined];
    if (paths.length === 0) throw new Error(`${key}: what is it to be asked for?`);
    return paths.flatMap((path) =>
      bodies.map((body) => ({ key, method, path, ...(body && { body }) })),
    );
  });
  expect(found.filter(({ path }) => path.includes('/:'))).toEqual([]);
  return found;
}

/** What a desk is told at each address that answers it. */
function told(browser: Browser): Promise<{ where: string; text: string; ok: boolean }[]> {
  return Promise.all(
    asks().map(async ({ method, path, body }) => {
      const answer = await browser.request(method, path, body);
      const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
      return { where: `${method} ${path}`, text, ok: answer.ok };
    }),
  );
}

/** Where he stands, with what of him. */
const shown = (all: { where: string; text: string }[]) =>
  all.flatMap(({ where, text }) => {
    // What the caller asked with is no news to him.
    const found = tracesIn(text.replaceAll(where.split(' ')[1] ?? '', ''));
    return found.length > 0 ? [`${where}: ${found.join()}`] : [];
  });

async function officer(union: number, role: string): Promise<Browser> {
  const browser = await signInSomebody(counter.app);
  await sql`
    insert into officer (user_id, union_id, role) values (${browser.userId}, ${union}, ${role})`;
  await browser.passSecondFactor();
  return browser;
}

const roles = ['administrator', 'finance', 'editor', 'viewer', 'auditor'];

test.each(roles)('the host district’s %s learns nothing of who he is', async (role) => {
  counter.app.logged.length = 0;
  const all = await told(await officer(host, role));
  expect(all.filter(({ ok }) => ok).length).toBeGreaterThan(20);
  // The use itself is there to be seen: it is paid for here.
  expect(
    all.some(({ where, text }) => where.includes('/redemptions') && text.includes(redemption)),
  ).toBe(true);
  // Whoever sets the terms of what he claimed expects somebody there.
  const door = all.find((one) => one.where === `GET /api/claim-sessions/${where.session}/door`);
  if (['administrator', 'editor'].includes(role)) expect(door?.text).toContain('金＊');
  expect(shown(all)).toEqual([]);
  const logged = counter.app.logged.map((line) => line.replaceAll(String(holder.id), ''));
  expect(logged.flatMap(tracesIn)).toEqual([]);
});

test('nor does a partner', async () => {
  expect(shown(await told(desk.manager))).toEqual([]);
  expect(shown(await told(counter.till))).toEqual([]);
});

// The negative control: the same questions, asked by those who may know.
test('his own union does see him, where it may', async () => {
  const all = shown(await told(await officer(home, 'administrator')));
  expect(all.join('\n')).toContain(`GET /api/members/${holder.id}: 丝雀`);
  expect(all.join('\n')).toContain(`GET /api/unions/${home}/printed-cards: 丝雀`);
  expect(all.join('\n')).toContain(`POST /api/unions/${home}/members/search: 丝雀`);
  expect(all.join('\n')).toContain(`GET /api/unions/${home}/marks: 丝雀`);
});
