import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { finishCloses } from '../../api/settlements/finish-close.ts';
import { orm } from '../../db/client.ts';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { faultsOf, looks, narrow, overflow, wear } from '../support/access.ts';
import { openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: a screen that somebody cannot read, reach or use, in one of the looks nobody tried.
const stand = await openStand();

type Face = 'nobody' | 'member' | 'newcomer' | 'manager' | 'office';
type Screen = { as: Face; at: string };

const benefit = '1';
/** Every screen of the product, and who sees it: a new one without its line here does not compile. */
const screens: Record<
  Exclude<
    keyof typeof paths,
    | 'redemptionsFile'
    | 'burnFile'
    | 'offerFile'
    | 'memberTemplate'
    | 'rejectedFile'
    | 'notUndoneFile'
    | 'takingsFile'
    | 'insightFile'
    | 'statementsFile'
    | 'statementFile'
    | 'claimantsFile'
    | 'drawListFile'
    | 'drawChancesFile'
  >,
  Screen
> = {
  signIn: { as: 'nobody', at: paths.signIn() },
  card: { as: 'member', at: paths.card() },
  benefits: { as: 'member', at: paths.benefits() },
  benefit: { as: 'member', at: paths.benefit(benefit) },
  claims: { as: 'member', at: paths.claims() },
  inbox: { as: 'member', at: paths.inbox() },
  history: { as: 'member', at: paths.history() },
  settings: { as: 'member', at: paths.settings() },
  mine: { as: 'member', at: paths.mine({ view: 'data' }) },
  counter: { as: 'manager', at: paths.counter() },
  counterToday: { as: 'manager', at: paths.counterToday() },
  counterDoor: { as: 'manager', at: paths.counterDoor() },
  counterOutlet: { as: 'manager', at: paths.counterOutlet() },
  counterOperators: { as: 'manager', at: paths.counterOperators() },
  counterTakings: { as: 'manager', at: paths.counterTakings() },
  counterStatements: { as: 'manager', at: paths.counterStatements() },
  counterStatement: { as: 'manager', at: paths.counterStatements() },
  counterOutlets: { as: 'manager', at: paths.counterOutlets() },
  apply: { as: 'newcomer', at: paths.apply() },
  counterOffline: { as: 'manager', at: paths.counterOffline() },
  counterPair: { as: 'manager', at: paths.counterPair() },
  counterDevices: { as: 'manager', at: paths.counterDevices() },
  counterReviews: { as: 'manager', at: paths.counterReviews() },
  pass: { as: 'nobody', at: paths.pass('ABC') },
  console: { as: 'office', at: paths.console() },
  consoleBenefits: { as: 'office', at: paths.consoleBenefits() },
  consoleNewBenefit: { as: 'office', at: paths.consoleNewBenefit() },
  // Of a draw that is over, once its number is known.
  draw: { as: 'member', at: '' },
  consoleDraw: { as: 'office', at: '' },
  consoleBenefit: { as: 'office', at: paths.consoleBenefit(benefit) },
  // A drop, which has most on it.
  consoleClaims: { as: 'office', at: paths.consoleClaims('21') },
  consoleSession: { as: 'office', at: paths.consoleSession(1) },
  consoleRedemptions: { as: 'office', at: paths.consoleRedemptions() },
  consoleMembers: { as: 'office', at: paths.consoleMembers() },
  consolePartners: { as: 'office', at: paths.consolePartners() },
  consoleDevices: { as: 'office', at: paths.consoleDevices() },
  consoleReviews: { as: 'office', at: paths.consoleReviews() },
  consoleAlerts: { as: 'office', at: paths.consoleAlerts() },
  consolePeople: { as: 'office', at: paths.consolePeople() },
  consoleProposals: { as: 'office', at: paths.consoleProposals() },
  consoleStatements: { as: 'office', at: paths.consoleStatements() },
  consoleStatement: { as: 'office', at: paths.consoleStatements() },
  consoleAudit: { as: 'office', at: paths.consoleAudit() },
  consoleBudgets: { as: 'office', at: paths.consoleBudgets() },
  consoleInsights: { as: 'office', at: paths.consoleInsights() },
};

const faces = {} as Record<Face, BrowserContext>;

/** The newest month that is over, settled; and the number of the cinema's statement of it. */
async function settleMonth(): Promise<number> {
  const { sql } = stand.database;
  await sql`
    select begin_close((month_of(clock()) - interval '1 month')::date, 'city_administrator')`;
  await finishCloses({ db: orm(sql) });
  const [statement] = await sql<{ id: number }[]>`
    select s.id from statement s join partner p on p.id = s.partner_id
    where p.name_en = 'Huaixu Cinema'`;
  if (!statement) throw new Error('The cinema has no statement.');
  return statement.id;
}

/** The hike, whose door stands open from now on, and a mark of somebody's; the number of its session. */
async function openDoor(): Promise<number> {
  const { sql } = stand.database;
  const [session] = await sql<{ id: number }[]>`
    update session s set starts_at = clock() + interval '1 hour', ends_at = clock() + interval '3 hours'
    from benefit b where b.id = s.benefit_id and b.title_en = 'Weekend hike' returning s.id`;
  if (!session) throw new Error('There is no hike.');
  await sql`
    insert into mark (cell, member_id, claim_id, kind, weight, at, expires_at)
    select cell, member_id, id, 'no_show', 1, clock(), clock() + interval '90 days'
    from claim where session_id = ${session.id} limit 3`;
  return session.id;
}

beforeAll(async () => {
  const { phones, site } = stand;
  const statement = await settleMonth();
  screens.counterStatement.at = paths.counterStatement(statement);
  screens.consoleStatement.at = paths.consoleStatement(statement);
  const [over] = await stand.database.sql<{ id: number }[]>`
    select benefit_id as id from draw where drawn_at is not null`;
  screens.draw.at = paths.draw(String(over?.id));
  screens.consoleDraw.at = paths.consoleDraw(String(over?.id));
  screens.consoleSession.at = paths.consoleSession(await openDoor());
  faces.nobody = await openPhone(phones, site.origin);
  const member = await MemberPhone.open(phones, site.origin, 'member_dongcheng');
  await member.enrol();
  faces.member = member.context;
  faces.newcomer = await openPhone(phones, site.origin);
  await signIn(faces.newcomer, site.origin, 'member_senior');
  const manager = await CounterPhone.open(phones, site.origin, 'manager_cinema');
  await manager.page.goto(paths.counterOutlet());
  await manager.page.getByRole('main').locator('ul button').first().click();
  faces.manager = manager.context;
  faces.office = (await Office.open(phones, site.origin, 'city_administrator')).context;
  await Promise.all(
    Object.values(faces).flatMap((face) => face.pages().map((page) => page.close())),
  );
});

/** Open, and done loading. */
async function open({ as, at }: Screen): Promise<Page> {
  const page = await faces[as].newPage();
  onTestFinished(() => page.close());
  await page.goto(at);
  await settled(page);
  return page;
}

async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.animate-pulse') === null);
}

/** English words are longer. */
async function englishOverflow(page: Page): Promise<number> {
  await page.evaluate(() => localStorage.setItem('PARAGLIDE_LOCALE', 'en'));
  try {
    await page.reload();
    await settled(page);
    await wear(page, looks[1]);
    await page.setViewportSize(narrow);
    return await overflow(page);
  } finally {
    await page.evaluate(() => localStorage.removeItem('PARAGLIDE_LOCALE'));
  }
}

describe('every address is for everybody', () => {
  test.each(Object.entries(screens))('%s', async (_name, screen) => {
    const page = await open(screen);
    expect(await page.title()).not.toContain('没有这个页面');
    expect(new URL(page.url()).pathname.startsWith(screen.at.split('?')[0] ?? '')).toBe(true);
    expect(await faultsOf(page)).toEqual([]);
    expect(await englishOverflow(page)).toBeLessThanOrEqual(0);
  });

  test('a benefit of each kind of claim, and the calendar', async () => {
    const kinds = await stand.database.sql<{ id: number; kind: string }[]>`
      select min(id) as id, claim_kind as kind from benefit where claim_kind is not null
      group by claim_kind order by id`;
    expect(kinds.length).toBeGreaterThan(4);
    for (const { id, kind } of kinds) {
      const page = await open({ as: 'member', at: paths.benefit(String(id)) });
      const wider = Math.max(0, await englishOverflow(page));
      expect([kind, await faultsOf(page), wider]).toEqual([kind, [], 0]);
    }
    const page = await open({ as: 'member', at: `${paths.claims()}?view=calendar` });
    await page.getByRole('table').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  test('moving a booking, and giving it up', async () => {
    // Whatever hour it is, tomorrow's can be moved.
    await stand.database.sql`
      update claim_terms set cancel_minutes = 0 where cancel_minutes > 60`;
    const page = await open(screens.claims);
    const sheet = page.locator('dialog[open]');
    const faults: string[] = [];
    for (const button of ['改期', '取消预约']) {
      await page.getByRole('button', { name: button }).last().click();
      await sheet.waitFor();
      faults.push(...(await faultsOf(page)));
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    }
    expect(faults).toEqual([]);
  });

  test('the card before it is on a phone', async () => {
    const page = await open({ as: 'newcomer', at: paths.card() });
    expect(await faultsOf(page)).toEqual([]);
  });

  test('the console’s sheets, and its form when it changes a benefit', async () => {
    const page = await open(screens.consoleBenefit);
    const sheet = page.locator('dialog[open]');
    const main = page.getByRole('main');
    const faults: string[] = [];
    for (const button of ['修改 东城区的上限', '增加商户', '暂停']) {
      await main.getByRole('button', { name: button, exact: true }).click();
      await sheet.waitFor();
      faults.push(...(await faultsOf(page)));
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    }
    await main.getByRole('button', { name: '修改', exact: true }).first().click();
    await main.getByRole('button', { name: '保存' }).waitFor();
    faults.push(...(await faultsOf(page)));
    await page.goto(paths.consoleRedemptions());
    await main.locator('tbody button').first().click();
    await sheet.waitFor();
    faults.push(...(await faultsOf(page)));
    expect(faults).toEqual([]);
  });

  test('the door: who is not there, who was ticked, and what is claimed and marked for others', async () => {
    const page = await open(screens.consoleSession);
    const faults: string[] = [];
    await page.keyboard.type(paths.pass('A'.repeat(150)));
    await page.keyboard.press('Enter');
    await page.locator('[data-greeting=refused]').waitFor();
    faults.push(...(await faultsOf(page)));
    await page
      .getByRole('button', { name: /^签到：/ })
      .first()
      .click();
    await page.getByRole('button', { name: /^撤销签到：/ }).click();
    await page.locator('dialog[open]').waitFor();
    faults.push(...(await faultsOf(page)));
    for (const view of ['marks', 'claims']) {
      await page.goto(paths.consoleMembers({ view }));
      await settled(page);
      faults.push(...(await faultsOf(page)));
      expect([view, await englishOverflow(page)]).toEqual([view, 0]);
    }
    expect(faults).toEqual([]);
  });

  test('a shared room and an offer, on a phone and at the desk', async () => {
    const { sql } = stand.database;
    const made = await sql<{ id: number; kind: string }[]>`
      update benefit set audience = '{}' where claim_kind in ('room', 'offer')
      returning id, claim_kind as kind`;
    const faults: string[] = [];
    for (const { id, kind } of made) {
      const pages = [
        await open({ as: 'member', at: paths.benefit(String(id)) }),
        await open({
          as: 'office',
          at: kind === 'room' ? paths.consoleClaims(String(id)) : paths.consoleBenefit(String(id)),
        }),
      ];
      const [, office] = pages;
      for (const page of pages) {
        faults.push(...(await faultsOf(page)));
        expect(await englishOverflow(page)).toBeLessThanOrEqual(0);
        await page.reload();
        await settled(page);
      }
      await office?.setViewportSize({ width: 1280, height: 800 });
      await office
        ?.getByRole('button', { name: kind === 'room' ? '设置' : '补充券码', exact: true })
        .click();
      await office?.locator('dialog[open]').waitFor();
      if (office) faults.push(...(await faultsOf(office)));
    }
    expect(faults).toEqual([]);
  });

  test('the counter from a scan to its end, and to a refusal', async () => {
    const { phones, site } = stand;
    const member = await MemberPhone.open(phones, site.origin, 'member_jiuxianqiao');
    await member.enrol();
    const counter = await CounterPhone.open(phones, site.origin, 'operator_cinema');
    await counter.start();
    const pass = await member.codeText();
    await counter.wedge(pass);
    await counter.title('柏＊').waitFor();
    const faults = await faultsOf(counter.page);
    await counter.confirm();
    await counter.title('核销成功').waitFor();
    faults.push(...(await faultsOf(counter.page)));
    await counter.cover.getByRole('button', { name: '撤销这一笔' }).click();
    await counter.page.getByRole('radio', { name: '其他' }).check();
    faults.push(...(await faultsOf(counter.page)));
    await counter.page.keyboard.press('Escape');
    await counter.wedge(pass);
    await counter.title('这个码已经用过').waitFor();
    faults.push(...(await faultsOf(counter.page)));
    await member.page.getByRole('heading', { name: '已使用' }).waitFor();
    faults.push(...(await faultsOf(member.page)));
    expect(faults).toEqual([]);
  });
});
