// Risk: a picture shows a union what is not its own, says who somebody is, or counts what did not happen.
import { beforeAll, expect, test } from 'vitest';
import { normalise } from '../../api/insights/normalise.ts';
import type { Flows } from '../../api/insights/flows.ts';
import type { TakeUp } from '../../api/insights/take-up.ts';
import type { Unmet } from '../../api/insights/unmet.ts';
import type { Unused } from '../../api/insights/unused.ts';
import type { Unusual } from '../../api/insights/unusual.ts';
import type { Browser } from '../support/app.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { rolled } from '../support/rolled.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const other = await openConsole(sql);
const { root, home, host, homeEnterprise } = desk.city.unions;
const canary = '甄隐私';
const span = 'from=2026-10-01&to=2026-11-30';

let busy = 0;
let quiet = 0;

// Twelve members of the home district at the host's outlet, one of them there and back again in no time; and a benefit
// that nobody uses.
beforeAll(async () => {
  await setClock(sql, '2026-10-12T04:00:00Z');
  busy = await desk.addCityBenefit({ home: 20, host: 10, shared: 10 });
  quiet = await desk.addCityBenefit();
  await sql`update outlet set latitude = 40.4 where id = ${desk.city.homeOutlet.id}`;
  await sql`
    update outlet set hours = (select jsonb_agg('{"opens": 540, "closes": 730}'::jsonb)
      from generate_series(1, 7)) where id = ${desk.city.outlet.id}`;
  const at = '2026-10-12T04:00:00Z';
  for (let i = 0; i < 12; i += 1) await desk.redeem(busy, 1, { at, name: canary });
  const restless = await desk.city.addMember({ name: canary });
  for (let i = 0; i < 6; i += 1) {
    const item = {
      ...desk.city.item(restless, busy, new Date(Date.parse(at) + i * 60_000)),
      outlet: i % 2 === 0 ? desk.city.outlet.id : desk.city.homeOutlet.id,
    };
    await sql`select from redeem(${sql.json([item])})`;
    await moveClock(sql, '1 minute');
  }
  await setClock(sql, '2026-11-03T04:00:00Z');
  await rolled(sql);
});

async function read<Answer>(browser: Browser, path: string): Promise<Answer> {
  const answer = await browser.get(path);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  expect(text).not.toContain(canary);
  return JSON.parse(text) as Answer;
}

/** Also what an answer before has begun to write. */
async function writeMisses(): Promise<void> {
  await Promise.all(desk.app.working);
  await desk.app.services.misses.flush(sql);
}

test('flows go from where members belong to where they went', async () => {
  const { districts, flows } = await read<Flows>(desk.at.city, `/api/unions/${root}/flows?${span}`);
  expect(districts.map(({ id }) => id).sort()).toEqual([home, host].sort());
  const between = (from: number, to: number) =>
    flows.find(({ homeId, hostId }) => homeId === from && hostId === to)?.redemptions;
  expect([between(home, host), between(home, home)]).toEqual([15, 3]);
  const none = await read<Flows>(
    other.at.city,
    `/api/unions/${other.city.unions.root}/flows?${span}`,
  );
  expect(none.flows).toEqual([]);
});

test('the month’s list is for the union of its members; a host has none of it', async () => {
  const own = await read<TakeUp>(desk.at.home, `/api/unions/${home}/take-up`);
  expect(own.months[0]).toBe('2026-10-01');
  expect(own.byAge).toMatchObject([{ bands: ['to_39'], members: 15 }]);
  expect(own.byUnion).toMatchObject([{ union: { id: homeEnterprise }, members: 15 }]);
  const city = await read<TakeUp>(desk.at.city, `/api/unions/${root}/take-up`);
  expect(city.byUnion).toEqual(
    [
      { ...own.byAge[0], bands: undefined, place: 1, union: expect.objectContaining({ id: home }) },
    ].map(({ bands: _, ...line }) => line),
  );
  const hosting = await read<TakeUp>(desk.at.host, `/api/unions/${host}/take-up`);
  expect([hosting.byAge, hosting.byUnion]).toEqual([[], []]);
  expect((await desk.at.host.get(`/api/unions/${home}/take-up`)).status).toBe(404);
});

test('a benefit that is not used is named, with what it holds', async () => {
  const { benefits } = await read<Unused>(desk.at.city, `/api/unions/${root}/unused?percent=40`);
  expect(benefits.map(({ id, cap, used }) => [id, cap, used])).toEqual([[quiet, 30, 0]]);
  const all = await read<Unused>(desk.at.city, `/api/unions/${root}/unused?percent=100`);
  expect(all.benefits.map(({ id }) => id)).toEqual([quiet, busy]);
});

test('an outlet whose uses are unusual is shown with its counts and nobody’s name', async () => {
  const { outlets } = await read<Unusual>(desk.at.host, `/api/unions/${host}/unusual`);
  expect(outlets).toMatchObject([
    {
      outlet: { id: desk.city.outlet.id },
      uses: 15,
      inAMinute: 13,
      atClose: 15,
    },
    { outlet: { id: desk.city.homeOutlet.id }, apart: 3, inAMinute: 1, atClose: 0 },
  ]);
  // The fifth and the sixth of one member in a week, and five of six after a leap of fifty kilometres.
  expect(outlets.map(({ again, apart }) => again + apart)).toEqual([3, 4]);
});

test('a word is kept in one form, and not where it might be a number of somebody', () => {
  expect(normalise('  ＣＡＲ   Wash ')).toBe('car wash');
  expect(normalise('13800138000')).toBeNull();
  expect(normalise('１１０１０１')).toBeNull();
  expect(normalise('长'.repeat(30))).toBe('长'.repeat(20));
  expect(normalise(undefined)).toBeNull();
});

test('what five members looked for in vain is shown, without them, and what fewer did is not', async () => {
  const look = async (word: string, members: number) => {
    for (let i = 0; i < members; i += 1) {
      const member = await desk.city.addMember({ name: canary });
      const phone = await desk.app.signInAs(member.userId);
      for (let again = 0; again < 3; again += 1)
        expect((await phone.get(`/api/benefits?q=${encodeURIComponent(word)}`)).status).toBe(200);
    }
  };
  await look('滑雪', 5);
  await look('攀岩', 4);
  await writeMisses();
  const { searches } = await read<Unmet>(desk.at.home, `/api/unions/${home}/unmet?${span}`);
  expect(searches).toEqual([{ word: '滑雪', kind: null, district: null, times: 5 }]);
  const hosting = await read<Unmet>(desk.at.host, `/api/unions/${host}/unmet?${span}`);
  expect(hosting.searches).toEqual([]);
});

test('a refusal on a benefit’s page counts for the member’s district', async () => {
  await sql`update benefit set paused_at = clock(), pause_reason = '修' where id = ${quiet}`;
  const member = await desk.city.addMember({ name: canary });
  const phone = await desk.app.signInAs(member.userId);
  for (let i = 0; i < 6; i += 1) await phone.get(`/api/benefits/${quiet}`);
  await writeMisses();
  const { refusals } = await read<Unmet>(desk.at.home, `/api/unions/${home}/unmet?${span}`);
  expect(refusals).toMatchObject([
    { benefit: { id: quiet }, place: 'catalogue', reason: 'benefit_paused', times: 6 },
  ]);
});

test('each picture’s file has its rows, neither names nor formulas', async () => {
  await sql`update benefit set title_zh = '=1+1', title_en = '=1+1' where id = ${quiet}`;
  const expected = { flows: 2, 'take-up': 2, unused: 1, unusual: 2, unmet: 2 };
  await sql`update benefit set paused_at = null, pause_reason = null where id = ${quiet}`;
  for (const [picture, rows] of Object.entries(expected))
    for (const language of ['zh-CN', 'en']) {
      const answer = await desk.at.city.get(
        `/api/unions/${root}/insights/${picture}?${span}&language=${language}`,
      );
      expect(answer.headers.get('Content-Type')).toContain('text/csv');
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect(Array.from(bytes.slice(0, 3))).toEqual([0xef, 0xbb, 0xbf]);
      const text = new TextDecoder().decode(bytes);
      expect(text.trimEnd().split('\r\n')).toHaveLength(rows + 1);
      expect(text).not.toContain(canary);
      expect(text).not.toMatch(/(^|,)=/m);
    }
});

test('a file speaks the language it was asked in, and dates are Beijing’s', async () => {
  const file = async (picture: string, language: string) =>
    (
      await desk.at.city.get(
        `/api/unions/${root}/insights/${picture}?${span}&percent=40&language=${language}`,
      )
    ).text();
  expect(await file('unmet', 'zh-CN')).toContain(`目录中不可用,"'=1+1",,,这项福利已暂停,6`);
  expect(await file('unmet', 'en')).toContain('This benefit is paused');
  await sql`update benefit set starts_at = '2026-07-01T00:00:00+08:00' where id = ${quiet}`;
  expect(await file('unused', 'en')).toContain(',2026-07-01,30,0');
});
