import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
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
