// Risk: a list shows what is outside the caller's scope or who the member was, a page skips or repeats a row, or the file
// differs from the list.
import Papa from 'papaparse';
import { beforeAll, expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const other = await openConsole(sql);
const { home, host } = desk.city.unions;
const name = '金丝雀甲乙';

type Row = {
  id: string;
  at: string;
  benefit: { id: number };
  homeDistrict: { id: number } | null;
  hostDistrict: { id: number };
  outlet: { id: number };
  quantity: number;
  priceFen: number;
  amountFen: number;
  reversedAt: string | null;
  canReverse: boolean;
};
type Page = { redemptions: Row[]; next: string | null };

let benefit = 0;
let second = 0;
const made: string[] = [];

beforeAll(async () => {
  benefit = await desk.addCityBenefit({ home: 6, host: 10, shared: 10 });
  second = await desk.addCityBenefit();
  // Eight at one instant, which only their ids order, and three that differ by microseconds.
  const at = new Date().toISOString();
  for (let i = 0; i < 8; i += 1) made.push(await desk.redeem(benefit, 1, { name, at }));
  for (let i = 1; i < 4; i += 1) {
    const later = at.replace('Z', `00${i}Z`);
    made.push(await desk.redeem(second, 2, { name, at: later }));
  }
  await other.redeem(await other.addCityBenefit());
});

async function read(browser: Browser, query = ''): Promise<Page> {
  const answer = await browser.get(`/api/redemptions${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
}

async function readAll(browser: Browser, query: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor = '';
  do {
    const page = await read(browser, `?${query}${cursor && `&cursor=${cursor}`}`);
    rows.push(...page.redemptions);
    cursor = page.next ?? '';
  } while (cursor !== '');
  return rows;
}

test('a row says what, where and how much, by district, and nothing of the member', async () => {
  const { redemptions } = await read(desk.at.home, `?benefit=${second}&limit=1`);
  expect(redemptions).toEqual([
    {
      id: expect.any(String),
      at: expect.stringMatching(/Z$/),
      bookedAt: expect.stringMatching(/Z$/),
      reversedAt: null,
      benefit: { id: second, titleZh: '电影票', titleEn: 'A film' },
      homeDistrict: expect.objectContaining({ id: home }),
      isShared: false,
      hostDistrict: expect.objectContaining({ id: host }),
      partner: expect.objectContaining({ id: desk.city.outlet.partner }),
      outlet: expect.objectContaining({ id: desk.city.outlet.id }),
      quantity: 2,
      variance: null,
      priceFen: 4500,
      amountFen: 9000,
      cardKind: 'phone',
      canReverse: true,
    },
  ]);
});

test('each desk sees what its unions pay for or host, and no other city', async () => {
  const ids = async (browser: Browser) => (await readAll(browser, 'limit=200')).map(({ id }) => id);
  expect((await ids(desk.at.city)).sort()).toEqual([...made].sort());
  expect((await ids(desk.at.host)).sort()).toEqual([...made].sort());
  // The home district pays for its six places of the first benefit, not for the two shared ones at the host.
  const atHome = await readAll(desk.at.home, 'limit=200');
  expect(atHome).toHaveLength(9);
  expect(new Set(atHome.map(({ homeDistrict }) => homeDistrict?.id))).toEqual(new Set([home]));
  expect(await ids(other.at.city)).toHaveLength(1);
});

test('pages of any size join to the same list, newest first', async () => {
  const whole = await readAll(desk.at.city, 'limit=200');
  const stored = await sql<{ id: string }[]>`
    select r.id from redemption r join benefit b on b.id = r.benefit_id
    where b.id in (${benefit}, ${second}) order by r.at desc, r.id desc`;
  expect(whole.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
  for (const limit of [1, 2, 3, 5, 11]) {
    expect(await readAll(desk.at.city, `limit=${limit}`)).toEqual(whole);
  }
});

test('each filter keeps exactly its rows', async () => {
  const all = await readAll(desk.at.city, 'limit=200');
  const count = async (query: string) => (await readAll(desk.at.city, `limit=200&${query}`)).length;
  expect(await count(`benefit=${second}`)).toBe(3);
  expect(await count('district=shared')).toBe(2);
  // Where the member belongs, whichever pool paid: the number that the picture of flows leads here with.
  expect(await count(`district=${home}`)).toBe(11);
  expect(await count(`host=${home}`)).toBe(0);
  expect(await count(`host=${host}&outlet=${desk.city.outlet.id}`)).toBe(11);
  expect(await count(`outlet=${desk.city.homeOutlet.id}`)).toBe(0);
  expect(await count(`partner=${desk.city.outlet.partner}&benefit=${benefit}`)).toBe(8);
  expect(await count('state=reversed')).toBe(0);
  expect(await count('state=booked')).toBe(11);
  const day = new Date(all[0]?.at ?? '').toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });
  const inDay = all.filter(
    ({ at }) => new Date(at).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' }) === day,
  ).length;
  expect(await count(`from=${day}&to=${day}`)).toBe(inDay);
  expect(await count('to=2020-01-01')).toBe(0);
});

test('a reversal shows in the list', async () => {
  const id = await desk.redeem(second, 1);
  await sql`update redemption set reversed_at = booked_at where id = ${id}`;
  const { redemptions } = await read(desk.at.city, '?state=reversed');
  expect(redemptions).toMatchObject([{ id, canReverse: false, reversedAt: expect.any(String) }]);
});

test('a cursor of another city or made by hand leads to nothing outside the scope', async () => {
  const first = await read(desk.at.city, '?limit=1');
  const carried = await readAll(other.at.city, `limit=200&cursor=${first.next}`);
  expect(carried.every(({ id }) => !made.includes(id))).toBe(true);
  const forged = btoa(`9000000000000000.${made[0]}`).replaceAll('=', '');
  expect(await readAll(other.at.city, `limit=200&cursor=${forged}`)).toHaveLength(1);
});

test('the file holds exactly the filtered rows, with a byte order mark, and no name', async () => {
  const query = `benefit=${benefit}&state=booked`;
  const answer = await desk.at.city.get(`/api/redemptions.csv?${query}&language=en`);
  expect(answer.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const file = new TextDecoder().decode(bytes);
  const { data } = Papa.parse<Record<string, string>>(file, { header: true, skipEmptyLines: true });
  const rows = await readAll(desk.at.city, `limit=200&${query}`);
  expect(data.map((row) => row['Id'])).toEqual(rows.map(({ id }) => id));
  const local = new Date(rows[0]?.at ?? '').toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' });
  expect(data[0]).toMatchObject({
    Time: local,
    'Amount (yuan)': '45.00',
    State: 'Booked',
    Quantity: '1',
  });
  const [member] = await sql`select id::text, card_number::text as card from redemption limit 1`;
  for (const secret of [name, String(member?.['card'])]) expect(file).not.toContain(secret);
});

test('the file of more than one page has every row once', async () => {
  const many = await desk.addCityBenefit({ home: 3000, host: 0, shared: 0 });
  for (let batch = 0; batch < 3; batch += 1) {
    const member = await desk.city.addMember();
    const items = Array.from({ length: 700 }, () => desk.city.item(member, many));
    await sql`select from redeem(${sql.json(items)})`;
  }
  const [stored] = await sql<{ n: number }[]>`
    select count(*)::int as n from redemption where benefit_id = ${many}`;
  const answer = await desk.at.city.get(`/api/redemptions.csv?benefit=${many}`);
  const { data } = Papa.parse<string[]>(await answer.text(), { skipEmptyLines: true });
  expect(data.shift()?.[0]).toBe('时间');
  expect(stored?.n).toBe(2100);
  expect(new Set(data.map((row) => row[1])).size).toBe(stored?.n);
  expect(data).toHaveLength(stored?.n ?? 0);
});

test('the whole file holds the whole list, and its reader may stop', async () => {
  const answer = await desk.at.home.get('/api/redemptions.csv?to=2099-12-31');
  const { data } = Papa.parse<string[]>(await answer.text(), { skipEmptyLines: true });
  const listed = await readAll(desk.at.home, 'limit=200');
  expect(
    data
      .slice(1)
      .map((row) => row[1])
      .sort(),
  ).toEqual(listed.map(({ id }) => id).sort());
  const left = await desk.at.city.get('/api/redemptions.csv');
  const reader = left.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect((await desk.at.city.get('/api/redemptions?limit=1')).status).toBe(200);
});

test('what a spreadsheet would run as a formula is text in the file', async () => {
  const names = ['=HYPERLINK("x")', '+1', '-1+1', '@SUM(A1)', '＝1', '\t=1', ' =1', 'a"b,c'];
  const risky = await desk.addCityBenefit();
  await desk.redeem(risky);
  for (const name of names) {
    await sql`update benefit set title_zh = ${name} where id = ${risky}`;
    const answer = await desk.at.city.get(`/api/redemptions.csv?benefit=${risky}`);
    const { data } = Papa.parse<string[]>(await answer.text(), { skipEmptyLines: true });
    expect(data[1]?.[2]).toBe(name.startsWith('a') ? name : `'${name}`);
  }
});

test('a stranger gets a problem and not an empty file', async () => {
  const answer = await desk.manager.get('/api/redemptions.csv');
  expect(answer.status).toBe(404);
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect((await desk.app.browser().get('/api/redemptions.csv')).status).toBe(401);
});

test('nothing a desk reads tells who a member is', async () => {
  const { home } = desk.city.unions;
  const id = await desk.redeem(second, 1, { name });
  const [holder] = await sql<Record<string, string>[]>`
    select m.name, m.phone_hash, m.user_id, m.id::text as member, r.card_number::text as card
    from redemption r join member m on m.cell = r.cell and m.id = r.member_id where r.id = ${id}`;
  await sql`
    insert into alert (kind, cell, redemption_id, union_id, raised_at)
    select 'not_me', cell, id, ${home}, clock() from redemption where id = ${id}`;
  const paths = [
    '/api/redemptions?limit=200',
    '/api/redemptions.csv',
    '/api/alerts',
    '/api/audit',
    `/api/unions/${home}/benefits`,
    `/api/benefits/${second}/terms`,
    `/api/benefits/${second}/allocations`,
    '/api/partners',
  ];
  for (const path of paths) {
    const text = await (await desk.at.city.get(path)).text();
    for (const secret of Object.values(holder ?? {})) expect(text).not.toContain(secret);
  }
  for (const secret of Object.values(holder ?? {}))
    expect(desk.app.logged.join('\n')).not.toContain(secret);
  expect(Object.values(holder ?? {})).toHaveLength(5);
});
