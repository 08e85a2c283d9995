import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { faultsOf } from '../support/access.ts';
import { complaints, openPhone } from '../support/browser.ts';
import { idIn } from '../support/city.ts';
import { DevicePhone, type Scan } from '../support/device-phone.ts';
import { readCode } from '../support/read-code.ts';
import { signIn } from '../support/site.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: union and partner hear different things of a use that was one too many, or cannot settle it.
const stand = await openStand();
const { sql } = stand.database;
const places = ['槐序影城（酒仙桥店）', '槐序影城（东直门店）'] as const;
const names = ['前台一号', '售票厅'] as const;

type Clerk = { context: BrowserContext; userId: string; phone: DevicePhone; lease: number };

let desk: Page;
let manager: Page;
let member: MemberPhone;
let heard: string[][];
const faults: string[] = [];
const clerks: Clerk[] = [];

async function send<Answer>(context: BrowserContext, path: string, data: object): Promise<Answer> {
  const headers = { Origin: stand.site.origin };
  const answer = await context.request.post(path, { data, headers });
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

async function clerk(context: BrowserContext): Promise<Clerk> {
  const session = await context.request.get('/api/session');
  const { user } = (await session.json()) as { user: { id: string } };
  return { context, userId: user.id, phone: await DevicePhone.make(), lease: 0 };
}

/** What a camera sees on this screen. */
async function codeOn(page: Page): Promise<string> {
  await page.getByRole('img', { name: '配对码' }).waitFor();
  return readCode(await page.screenshot());
}

const sheetOf = (page: Page) => page.locator('dialog[open]').last();

async function give(page: Page, reason: string, confirm: string): Promise<void> {
  await sheetOf(page).getByLabel('原因').fill(reason);
  await sheetOf(page).getByRole('button', { name: confirm, exact: true }).click();
}

/** Writes down that the member's pass of this minute was scanned, so many seconds from now. */
async function scan(who: Clerk, after: number, change: Partial<Scan> = {}): Promise<void> {
  const [found] = await sql<{ cell: number; benefit: number; now: Date }[]>`
    select m.cell, b.id as benefit, clock() as now from member m, benefit b
    where m.name = '许知禾' and b.title_en = 'Union film ticket'`;
  await who.phone.write({
    id: idIn(found?.cell ?? 0),
    pass: await member.codeText(),
    benefit: found?.benefit ?? 0,
    quantity: 1,
    lease: who.lease,
    scannedAt: new Date((found?.now.getTime() ?? 0) + after * 1000).toISOString(),
    clockOffsetMs: 0,
    listAt: null,
    user: who.userId,
    ...change,
  });
}

async function upload({ context, phone }: Clerk, from: number): Promise<void> {
  await send(context, `/api/devices/${phone.id}/uploads`, await phone.upload(from));
}

beforeAll(async () => {
  const { phones, site } = stand;
  const office = await Office.open(phones, site.origin, 'city_administrator');
  desk = office.page;
  const chief = await CounterPhone.open(phones, site.origin, 'manager_cinema');
  manager = chief.page;
  await manager.goto(paths.counterOutlet());
  await manager.getByRole('main').locator('ul button').first().click();
  const operator = await openPhone(phones, site.origin);
  await signIn(operator, site.origin, 'operator_cinema');
  clerks.push(await clerk(operator), await clerk(chief.context));
  member = await MemberPhone.open(phones, site.origin, 'member_dongcheng');
  await member.enrol();
  heard = [complaints(desk), chief.complaints];
});

test('the union says what phones may redeem without a network, and the change says it again', async () => {
  await desk.goto(paths.consoleBenefits());
  await desk.getByRole('link', { name: '工会观影', exact: true }).click();
  await desk.getByRole('button', { name: '修改', exact: true }).first().click();
  const allowed = desk.getByRole('switch', { name: '门店手机没有网络时也可以核销' });
  await allowed.press('Space');
  expect(await desk.getByLabel('借出多久（小时）').count()).toBe(0);
  await allowed.press('Space');
  await desk.getByLabel('每台手机最多持有（份）').fill('8');
  await desk.getByLabel('借出多久（小时）').fill('73');
  await desk.getByRole('main').getByText('商户', { exact: true }).click();
  await desk.getByText('这一次不付给商户。').waitFor();
  faults.push(...(await faultsOf(desk)));
  await desk.getByRole('button', { name: '保存' }).click();
  await give(desk, '地下一层没有信号', '保存');
  await sheetOf(desk).getByText('请检查：“借出多久（小时）”').waitFor();
  await desk.keyboard.press('Escape');
  await desk.getByLabel('借出多久（小时）').fill('12');
  await desk.getByRole('button', { name: '保存' }).click();
  await give(desk, '地下一层没有信号', '保存');
  const said = '每台 8 份 · 12 小时 · 每卡每天 2 份 · 单次最高 ¥70 · 多用的由商户承担';
  await desk.getByRole('definition').filter({ hasText: said }).waitFor();
  await desk.getByText(`→ ${said}`).waitFor();
});

test('the manager pairs two phones by the code on the screen, and sees that it worked', async () => {
  await manager.goto(paths.counterDevices());
  for (const [i, who] of clerks.entries()) {
    const [name = '', place = ''] = [names[i], places[i]];
    await manager.getByRole('button', { name: '配对手机' }).first().click();
    await sheetOf(manager).getByLabel('门店').selectOption({ label: place });
    await sheetOf(manager).getByLabel('手机名称').fill(name);
    await manager.keyboard.press('Enter');
    const { origin, pathname, hash } = new URL(await codeOn(manager));
    if (i === 0) faults.push(...(await faultsOf(manager)));
    expect(origin + pathname).toBe(`${stand.site.origin}/counter/pair`);
    const asked = { code: hash.slice(1), publicKey: who.phone.publicKey };
    who.phone.id = (await send<{ id: number }>(who.context, '/api/devices', asked)).id;
    await sheetOf(manager).getByText(`“${name}”已配对到${place}`).waitFor();
    await sheetOf(manager).getByRole('button', { name: '完成' }).click();
    await manager.getByRole('heading', { name }).waitFor();
    const { leases } = await send<{ leases: { id: number; units: number }[] }>(
      who.context,
      `/api/devices/${who.phone.id}/leases`,
      {},
    );
    expect(leases).toMatchObject([{ units: 8 }]);
    who.lease = leases[0]?.id ?? 0;
  }
  await desk.goto(paths.consoleBenefits());
  await desk.getByRole('link', { name: '工会观影', exact: true }).click();
  await desk.getByText('设备持有 16').waitFor();
});

test('of two uses of one code the first stands, and both sides see both, but not the member', async () => {
  const [first, second] = clerks;
  if (!first || !second) throw new Error('Nobody is at the counters.');
  await scan(first, 0);
  await scan(second, 20);
  await scan(second, 20, { quantity: 3 });
  await upload(second, 1);
  await desk.goto(paths.consoleReviews());
  await desk.getByRole('button', { name: '工会观影' }).waitFor();
  expect(await desk.getByRole('main').getByText('重复使用', { exact: true }).count()).toBe(1);
  await upload(first, 1);
  for (const [page, path] of [
    [desk, paths.consoleReviews()],
    [manager, paths.counterReviews()],
  ] as const) {
    await page.goto(path);
    const item = page.getByRole('listitem').filter({ hasText: '这个码已经用过' });
    await item.getByText('由商户承担').waitFor();
    await item.getByRole('button').click();
    const sheet = await sheetOf(page).innerText();
    expect(sheet).toContain(places[0]);
    expect(sheet).toContain(places[1]);
    expect(sheet.indexOf(places[1])).toBeLessThan(sheet.indexOf(places[0]));
    expect(sheet).not.toContain('许');
    faults.push(...(await faultsOf(page)));
    await page.keyboard.press('Escape');
  }
  await manager.getByRole('listitem').filter({ hasText: '需要核对' }).getByRole('button').click();
  await sheetOf(manager).getByText('等待工会决定').waitFor();
  expect(await sheetOf(manager).getByRole('button').allInnerTexts()).toEqual(['', '']);
});

test('the union decides once with a reason, and the manager reads it', async () => {
  await desk.goto(paths.consoleReviews({ verdict: 'duplicate' }));
  await desk.getByRole('button', { name: '工会观影' }).click();
  await sheetOf(desk).getByRole('button', { name: '冲回' }).click();
  await give(desk, '会员只看了一场', '冲回');
  await desk.getByText('没有待决定的争议').waitFor();
  await desk.goto(paths.consoleReviews());
  await desk.getByRole('button', { name: '工会观影' }).click();
  await sheetOf(desk).getByRole('button', { name: '付款', exact: true }).click();
  await give(desk, '一家三口确实到场', '付款');
  await desk.getByText('没有待决定的争议').waitFor();
  await manager.goto(paths.counterReviews({ state: 'decided' }));
  for (const [reason, decision, payer] of [
    ['会员只看了一场', '冲回', '没有付款'],
    ['一家三口确实到场', '付款', '发布工会'],
  ] as const) {
    const verdict = decision === '付款' ? '需要核对' : '重复使用';
    await manager.getByRole('listitem').filter({ hasText: verdict }).getByRole('button').click();
    const sheet = sheetOf(manager);
    await sheet.getByRole('definition').filter({ hasText: reason }).waitFor();
    await sheet.getByRole('definition').filter({ hasText: decision }).waitFor();
    await sheet.getByRole('definition').filter({ hasText: payer }).waitFor();
    await manager.keyboard.press('Escape');
  }
  await desk.goto(paths.consoleAudit({ action: 'offline.decide' }));
  await desk.getByText('会员只看了一场').waitFor();
  await desk.getByText('类型：重复使用').waitFor();
  expect(await sql`select * from consistency()`).toEqual([]);
});

test('a scan that never comes holds up the later ones until the union says that it is lost', async () => {
  const [first] = clerks;
  if (!first) throw new Error('Nobody is at the counter.');
  await scan(first, 40);
  await scan(first, 40);
  await upload(first, 3);
  await manager.goto(paths.counterDevices());
  const card = manager.getByRole('listitem').filter({ hasText: names[0] });
  await card.getByText('有记录没到').waitFor();
  faults.push(...(await faultsOf(manager)));
  await desk.goto(paths.consoleAlerts());
  const alert = desk.getByRole('listitem').filter({ hasText: '离线记录缺了一段' });
  await alert.waitFor();
  faults.push(...(await faultsOf(desk)));
  await alert.getByRole('button', { name: '处理完毕' }).click();
  await sheetOf(desk).getByText('认定第 2 笔起缺少的记录已经丢失').waitFor();
  await give(desk, '手机进水，记录取不出来', '处理完毕');
  await alert.waitFor({ state: 'detached' });
  await manager.reload();
  await card.getByText('已处理到第几笔').waitFor();
  expect(await card.getByText('有记录没到').count()).toBe(0);
});

test('a phone is ended with a reason, and gives back what it held', async () => {
  await desk.goto(paths.consoleDevices());
  await desk.getByRole('button', { name: `停用${names[1]}` }).click();
  await give(desk, '手机丢了', '停用');
  await desk.getByText('已停用').waitFor();
  await manager.reload();
  const card = manager.getByRole('listitem').filter({ hasText: names[1] });
  await card.getByText('已停用').waitFor();
  expect(await card.getByRole('button').count()).toBe(0);
  await desk.goto(paths.consoleAudit());
  await desk.getByText('手机丢了').waitFor();
  await desk.getByText(`门店：${places[1]}`).waitFor();
  expect(await sql`select * from consistency()`).toEqual([]);
  expect(faults).toEqual([]);
  expect(heard.flat()).toEqual([]);
});
