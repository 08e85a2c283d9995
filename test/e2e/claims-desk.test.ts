import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { faultsOf } from '../support/access.ts';
import { complaints, openPhone } from '../support/browser.ts';
import { idIn } from '../support/city.ts';
import { signIn } from '../support/site.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: every verb works by itself, and an organiser cannot get from an idea to a list of who comes.
const stand = await openStand();
const { sql } = stand.database;

let office: Office;
let page: Page;
let main: Locator;
let heard: string[];
let member: { context: BrowserContext; cell: number; name: string };
let benefit = 0;

beforeAll(async () => {
  const { phones, site } = stand;
  office = await Office.open(phones, site.origin, 'city_administrator');
  ({ page } = office);
  main = page.getByRole('main');
  heard = complaints(page);
  const context = await openPhone(phones, site.origin);
  await signIn(context, site.origin, 'member_dongcheng');
  const answer = await context.request.get('/api/session');
  const { user } = (await answer.json()) as { user: { id: string } };
  const [row] = await sql<{ cell: number; name: string }[]>`
    select cell, name from member where user_id = ${user.id}`;
  if (!row) throw new Error('The member has no account.');
  member = { context, ...row };
});

async function signUp(body: object): Promise<{ status: number; code?: string; state?: string }> {
  const answer = await member.context.request.put(`/api/claims/${idIn(member.cell)}`, {
    data: { benefit, ...body },
    headers: { Origin: stand.site.origin },
  });
  return { status: answer.status(), ...((await answer.json()) as object) };
}

test('a new benefit is one that is signed up for: the form, its preview, a series of sessions', async () => {
  await page.goto(paths.consoleNewBenefit());
  await page.getByLabel('类别', { exact: true }).selectOption({ label: '驾校' });
  await page.getByLabel('名称（中文）').fill('冬季学车班');
  await page.getByLabel('名称（英文）').fill('Driving in winter');
  await page.getByLabel('说明（中文）').fill('两周一期');
  await page.getByLabel('说明（英文）').fill('Two weeks');
  await page.getByLabel('结算价（元）').fill('0');
  await page.getByLabel('原价（元）').fill('0');
  await page.getByRole('button', { name: '创建' }).click();
  await office.give('冬季活动', '创建');
  await page.getByRole('heading', { name: '冬季学车班', level: 1 }).waitFor();
  benefit = Number(/\d+$/.exec(page.url())?.[0]);

  await page.getByRole('link', { name: '申领', exact: true }).click();
  await page.getByRole('button', { name: '设定申领方式' }).click();
  await page.getByRole('radio', { name: '摇号', exact: true }).check();
  const preview = page.getByRole('figure');
  await preview.getByText('截止后公开摇号').waitFor();
  await page.getByRole('radio', { name: '报名', exact: true }).check();
  await page.getByLabel('开始申领').fill('2026-01-01T09:00');
  await page.getByText('提交后要审核').click();
  await preview.getByText('提交后由主办方审核').waitFor();
  await page.getByRole('button', { name: '增加问题' }).click();
  await page.getByLabel('问题（中文）').fill('车型');
  const save = page.getByRole('button', { name: '保存' });
  await page.getByRole('radio', { name: '选择' }).check({ force: true });
  expect(await save.getAttribute('aria-disabled')).toBe('true');
  await page.getByLabel('选项 1（中文）').fill('手动挡');
  await page.getByLabel('选项 2（中文）').fill('自动挡');
  await preview.getByText('车型').waitFor();
  // Answers are whole numbers, and so are their bounds.
  await page.getByRole('button', { name: '增加问题' }).click();
  const second = page.getByRole('group', { name: '问题 2' });
  await second.getByLabel('问题（中文）').fill('每周能练几天');
  await second.getByRole('radio', { name: '数字' }).check({ force: true });
  await second.getByLabel('最小').fill('0.5');
  await second.getByText('请填整数').waitFor();
  expect(await save.getAttribute('aria-disabled')).toBe('true');
  await second.getByLabel('最小').fill('7');
  await second.getByLabel('最大').fill('1');
  await second.getByText('不能小于“最小”').waitFor();
  expect(await save.getAttribute('aria-disabled')).toBe('true');
  await second.getByLabel('最小').fill('1');
  await second.getByLabel('最大').fill('7');
  await preview.getByText('1 到 7 的整数').waitFor();
  expect(await save.getAttribute('aria-disabled')).toBe('false');
  await second.getByRole('button', { name: '删除 问题 2' }).click();
  expect(await faultsOf(page)).toEqual([]);
  await save.click();
  await office.give('按部门意见', '保存');

  await main.getByText('发布之前还差').waitFor();
  await main.getByRole('button', { name: '增加场次' }).click();
  const sheet = office.sheet;
  await sheet.getByLabel('名称（中文）').fill('周末班');
  await sheet.getByRole('radio', { name: '一系列' }).check({ force: true });
  await sheet.getByLabel('几周').fill('60');
  await sheet.getByLabel('开始时间').fill('09:00 14:00');
  await sheet.getByLabel('每场名额').fill('1');
  await sheet.getByText(/^有 \d+ 场不在福利的有效期（.+至.+）之内$/).waitFor();
  await sheet.getByLabel('几周').fill('2');
  await sheet.getByText('将增加 8 场').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await office.give('排期', '增加场次');
  await main.getByText('0 / 1 · 满座率 0%').nth(7).waitFor();
  expect(heard).toEqual([]);
});

test('the preview says what the member’s page will, also of a window that is closed', async () => {
  await main.getByRole('button', { name: '修改申领方式' }).click();
  const preview = page.getByRole('figure', { name: '会员看到的样子' });
  const go = preview.getByText('报名', { exact: true });
  await go.waitFor();
  await preview.getByText(/前报名，先到先得。提交后由主办方审核。/).waitFor();
  // Nothing in it can be pressed or filled in.
  expect(await preview.locator('[inert]').count()).toBe(1);
  const closes = page.getByLabel('截止申领');
  const open = await closes.inputValue();
  await closes.fill('2026-01-02T09:00');
  await preview.getByText('已于 1月2日 09:00 截止。').waitFor();
  expect(await go.count()).toBe(0);
  expect(await preview.getByText('车型').count()).toBe(0);
  await closes.fill(open);
  await go.waitFor();
  await preview.getByText('车型').waitFor();
  await page.getByRole('radio', { name: '抢票', exact: true }).check();
  await preview.getByText('立即抢票', { exact: true }).waitFor();
  await main.getByRole('button', { name: '取消', exact: true }).click();
  await main.getByRole('button', { name: '修改申领方式' }).waitFor();
});

test('it has places, is published, and a member signs up with an answer', async () => {
  await main.getByRole('link', { name: '名额', exact: true }).click();
  const { sheet } = office;
  await main.getByRole('button', { name: '开始测试', exact: true }).click();
  await office.give('可以了', '开始测试');
  await main.getByRole('button', { name: '发布', exact: true }).click();
  await sheet.getByLabel('原因').fill('可以了');
  await sheet.getByRole('button', { name: '发布', exact: true }).click();
  await sheet.getByText('会员现在什么也申领不到，所以还不能发布。还差：“名额”。').waitFor();
  await sheet.getByRole('button', { name: '取消', exact: true }).click();
  await main.getByRole('button', { name: '增加配额' }).click();
  await sheet.getByLabel('新上限').fill('20');
  await office.give('名额', '保存');
  await main.getByRole('button', { name: '发布', exact: true }).click();
  await office.give('可以了', '发布');
  const answer = await member.context.request.get(`/api/benefits/${benefit}/claims`);
  const { sessions, questions } = (await answer.json()) as {
    sessions: [{ id: number }, { id: number }];
    questions: [{ id: string; options: [{ id: string; labelZh: string }] }];
  };
  const [{ id, options }] = questions;
  const session = sessions[0].id;
  expect(await signUp({ session, answers: { [id]: '自动' } })).toMatchObject({
    code: 'answers_invalid',
  });
  expect(await signUp({ session, answers: { [id]: options[0].id } })).toMatchObject({
    status: 201,
    state: 'asked',
  });
});

test('who may only read hears so at each button, and none of them does anything', async () => {
  const { phones, site } = stand;
  const { page: view } = await Office.open(phones, site.origin, 'city_viewer');
  const changes: string[] = [];
  view.on('request', (request) => {
    if (request.method() !== 'GET') changes.push(request.url());
  });
  await view.goto(paths.consoleClaims(String(benefit)));
  const words = '您的角色只能查看；管理员和编辑可以修改';
  for (const name of ['修改申领方式', '增加场次']) {
    const button = view.getByRole('button', { name, exact: true });
    await button.waitFor();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    const told = await button.getAttribute('aria-describedby');
    expect(await view.locator(`[id="${told}"]`).textContent()).toBe(words);
    await button.click({ force: true });
  }
  await view.getByRole('heading', { name: '申领名单' }).waitFor();
  await view.getByText(`${member.name.slice(0, 1)}＊`).waitFor();
  expect(await view.getByText(member.name).count()).toBe(0);
  for (const name of [/^通过/, /^取消这一场/, /^改名额/])
    expect(await view.getByRole('button', { name }).count()).toBe(0);
  expect(await view.locator('dialog[open]').count()).toBe(0);
  expect(changes).toEqual([]);
});

test('the desk finds him by the filter, approves him in place, and the file says so', async () => {
  await page.goto(paths.consoleClaims(String(benefit)));
  await main.getByText('待审核 1').waitFor();
  await main.getByLabel('状态').selectOption({ label: '待审核' });
  await page.waitForURL(/state=asked/);
  // The address holds the filter.
  await page.reload();
  const row = main.getByRole('listitem').filter({ hasText: member.name });
  await row.getByText('手动挡').waitFor();
  await row.getByRole('button', { name: `通过 ${member.name}`, exact: true }).click();
  await row.getByText('已确认').waitFor();
  await main.getByLabel('状态').selectOption({ label: '已确认' });
  await page.waitForURL(/state=confirmed/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    main.getByRole('link', { name: '导出名单' }).click(),
  ]);
  const file = await readFile(await download.path(), 'utf8');
  const { data } = Papa.parse<Record<string, string>>(file.replace('\uFEFF', ''), {
    header: true,
    skipEmptyLines: true,
  });
  expect(data).toMatchObject([
    { 姓名: member.name, 状态: '已确认', 场次: '周末班', 车型: '手动挡' },
  ]);
  expect(heard).toEqual([]);
});

test('a session that is called off says why, to the desk and to its member', async () => {
  await main
    .getByRole('button', { name: /^取消这一场：周末班/ })
    .first()
    .click();
  expect(await faultsOf(page)).toEqual([]);
  // “取消” alone could mean both.
  await office.sheet.getByRole('button', { name: '返回', exact: true }).waitFor();
  await office.give('场地检修', '取消这一场');
  await main.getByText('已取消：场地检修').waitFor();
  const answer = await member.context.request.get('/api/me/inbox');
  const { items } = (await answer.json()) as { items: { state: string; reason: string | null }[] };
  expect(items[0]).toMatchObject({ state: 'cancelled', reason: '场地检修' });
  await page.goto(paths.consoleBenefit(String(benefit)));
  await main.getByText('按部门意见').waitFor();
});

test('a price that is none is said to be none, and never taken for the benefit’s own', async () => {
  const [photo] = await sql<{ id: number }[]>`
    select id from benefit where title_en = 'Family photo, by appointment'`;
  await page.goto(paths.consoleClaims(String(photo?.id)));
  await main.getByRole('button', { name: '增加场次' }).click();
  const { sheet } = office;
  await sheet.getByLabel('开始时间').fill('09:00');
  await sheet.getByLabel('名额', { exact: true }).fill('5');
  await sheet.getByLabel('原因').fill('排期');
  const add = sheet.getByRole('button', { name: '增加场次', exact: true });
  const wrong = sheet.getByText('单价要填金额，不高于 ¥49；不填就是福利的单价');
  for (const price of ['半价', '49.01', '-1']) {
    await sheet.getByLabel('单价（元）').fill(price);
    await wrong.waitFor();
    expect(await add.getAttribute('aria-disabled')).toBe('true');
  }
  for (const price of ['24.5', '']) {
    await sheet.getByLabel('单价（元）').fill(price);
    await wrong.waitFor({ state: 'detached' });
    expect(await add.getAttribute('aria-disabled')).toBe('false');
  }
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
});

describe('sessions that have nothing but a time', () => {
  let slot = 0;
  let times: string[];

  async function ask(method: 'post' | 'put', path: string, data: object): Promise<{ id: number }> {
    const headers = { Origin: stand.site.origin };
    const answer = await office.context.request[method](path, { data, headers });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as { id: number };
  }

  /** Two persons at once, two in a month. */
  beforeAll(async () => {
    const [city] = await sql<{ id: number; from: Date; to: Date; soon: Date }[]>`
      select id, clock() - interval '1 day' as "from", clock() + interval '90 days' as "to"
      from trade_union where level = 1`;
    if (!city) throw new Error('There is no city.');
    const made = await ask('post', `/api/unions/${city.id}/benefits`, {
      ...{ kind: 'family', titleZh: '免费体测', titleEn: 'A check of fitness' },
      ...{ summaryZh: '试一试', summaryEn: 'Try', priceFen: 0, faceValueFen: 0 },
      ...{ startsAt: city.from.toISOString(), endsAt: city.to.toISOString() },
      ...{ weekdays: [1, 2, 3, 4, 5, 6, 7], opensMinute: 0, closesMinute: 1440, audience: {} },
      ...{ validDistricts: null, quantityMax: 2, limitCount: 2, limitPeriod: 'total', cap: null },
      reason: '新增',
    });
    slot = made.id;
    await ask('put', `/api/benefits/${slot}/claim-terms`, {
      ...{ kind: 'slot', opensAt: '2026-01-01T00:00:00Z', closesAt: city.to.toISOString() },
      ...{ holdMinutes: null, cancelMinutes: 0, hasWaitList: false, answerMinutes: 60 },
      ...{ needsApproval: false, doorMinutes: 60, walkIns: false, questions: [] },
      ...{ lateCancelWeight: 0, noShowWeight: 0, version: 0, reason: '设定' },
    });
    await ask('put', `/api/benefits/${slot}/allocations/shared`, { cap: 100, reason: '名额' });
  });

  test('are told by it wherever one of them is named', async () => {
    await page.goto(paths.consoleClaims(String(slot)));
    await main.getByRole('button', { name: '增加场次' }).click();
    const { sheet } = office;
    await sheet.getByLabel('开始时间').fill('09:00');
    await sheet.getByLabel('名额', { exact: true }).fill('5');
    await office.give('排期', '增加场次');
    await main.getByRole('button', { name: '增加场次' }).click();
    await sheet.getByLabel('开始时间').fill('14:00');
    await sheet.getByLabel('名额', { exact: true }).fill('5');
    await office.give('排期', '增加场次');
    const rows = await sql<{ day: string; title: string }[]>`
      select to_char(starts_at at time zone 'Asia/Shanghai', 'FMMM月FMDD日') as day, title_zh as title
      from session where benefit_id = ${slot} order by starts_at`;
    expect(rows.map(({ title }) => title)).toEqual(['', '']);
    times = rows.map(({ day }, i) => `${day} ${i === 0 ? '09:00' : '14:00'}`);
    await main.getByText(/^\d+月\d+日周. 09:00–11:00$/).waitFor();
    for (const time of times) {
      for (const name of [`到场名单：${time}`, `改名额：${time}`, `取消这一场：${time}`])
        await main.getByLabel(name, { exact: true }).waitFor();
    }
    expect(await main.getByLabel('场次').locator('option').allTextContents()).toEqual([
      '全部场次',
      ...times,
    ]);
    expect(await faultsOf(page)).toEqual([]);
  });

  test('a clerk claims for a group, each of them within his own limits and the places there are', async () => {
    const people = await sql<{ name: string }[]>`
      select m.name from member m
      join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      where m.user_id is null group by m.name having count(*) = 1 order by m.name limit 4`;
    const [first = '', second = '', third = '', fourth = ''] = people.map(({ name }) => name);
    await page.goto(paths.consoleMembers({ view: 'claims' }));
    await main.getByLabel('福利').selectOption({ label: '免费体测' });
    await main.getByLabel('场次').selectOption({ label: `${times[0]} · 余 5` });
    const claimFor = async (lines: string[], found: number) => {
      await main.getByLabel('手机号、身份证号或姓名').fill(lines.join('\n'));
      await main.getByRole('button', { name: '查找会员' }).click();
      await main.getByText(`${found} 位会员`, { exact: true }).waitFor();
      await main.getByRole('button', { name: `为 ${found} 位会员申领` }).click();
    };
    const heard = (name: string) => main.getByRole('listitem').filter({ hasText: name });

    // Two of each come, and nobody hears of who is not a member.
    await main.getByRole('button', { name: '增加', exact: true }).click();
    await claimFor([first, second, first, '查无此人', '12'], 2);
    await main.getByText('2 位已申领，0 位在排队，0 位未成').waitFor();
    await heard('查无此人').getByText('本会没有这位会员').waitFor();
    await heard('12').getByText('号码不对').waitFor();

    // The first has had his two; the one who comes after the last place finds none.
    await main.getByRole('button', { name: '减少', exact: true }).click();
    await claimFor([first, third, fourth], 3);
    await main.getByText('1 位已申领，0 位在排队，2 位未成').waitFor();
    await heard(first)
      .getByText(/^已达到可用次数/)
      .waitFor();
    await heard(third).getByText('已申领', { exact: true }).waitFor();
    await heard(fourth)
      .getByText(/^这一场的/)
      .waitFor();
    const rows = await sql<{ name: string; quantity: number; state: string; by: boolean }[]>`
      select m.name, c.quantity, c.state, c.made_by is not null as by
      from claim c join member m on m.cell = c.cell and m.id = c.member_id
      where c.benefit_id = ${slot} order by c.made_at, c.id`;
    const made = (name: string, quantity: number) => ({
      ...{ name, quantity, state: 'confirmed', by: true },
    });
    expect([...rows]).toEqual([made(first, 2), made(second, 2), made(third, 1)]);

    // Persons come to a slot, and the desk counts them so.
    await page.goto(paths.consoleClaims(String(slot)));
    await heard(first).getByText('2 人', { exact: true }).waitFor();
    await heard(first).getByText('代办').waitFor();
    expect(await sql`select * from consistency()`).toEqual([]);
  });

  test('what is published lacks something while it could be claimed, and nothing once that is over', async () => {
    const set = (closesAt: string) => sql`
      update claim_terms set closes_at = ${closesAt} where benefit_id = ${slot}`;
    await sql`
      update session set cancelled_at = clock(), cancel_reason = '检修'
      where benefit_id = ${slot} and taken = 0`;
    await page.reload();
    await main.getByText('已取消：检修').waitFor();
    expect(await main.getByText('还差').count()).toBe(0);
    await sql`update session set starts_at = '2026-01-01Z', ends_at = '2026-01-02Z'
      where benefit_id = ${slot} and taken > 0`;
    await page.reload();
    const lacking = main.getByText('会员现在申领不到，还差');
    await lacking.waitFor();
    await set('2026-01-02Z');
    await page.reload();
    await main
      .getByRole('figure')
      .getByText(/^已于 .* 截止。$/)
      .waitFor();
    expect(await lacking.count()).toBe(0);
  });
});
