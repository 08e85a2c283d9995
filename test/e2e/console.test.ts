import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { stepAt, totp } from '../../api/sessions/totp.ts';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { violations } from '../support/access.ts';
import { complaints, openPhone } from '../support/browser.ts';
import { phoneOf } from '../support/site.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: the API is right, and an administrator cannot get done what his union decided, or is told something else.
const stand = await openStand();
const { sql } = stand.database;

const sheetOf = (page: Page): Locator => page.locator('dialog[open]');

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).selectOption({ label: option });
}

/** Opens every further page of a list. */
async function toTheEnd(page: Page): Promise<Locator> {
  const rows = page.getByRole('main').locator('tbody tr');
  const more = page.getByRole('button', { name: '加载更多' });
  await rows.first().waitFor();
  while (await more.isVisible()) {
    const before = await rows.count();
    await more.click();
    await rows.nth(before).waitFor();
  }
  return rows;
}

describe('a city administrator', () => {
  let page: Page;
  let heard: string[];

  beforeAll(async () => {
    const desk = await openPhone(stand.phones, stand.site.origin, { width: 1280, height: 900 });
    page = await desk.newPage();
    heard = complaints(page);
  });

  async function give(reason: string, confirm: string): Promise<void> {
    await sheetOf(page).getByLabel('原因').fill(reason);
    await sheetOf(page).getByRole('button', { name: confirm, exact: true }).click();
  }

  test('signs in with phone, code and authenticator, and is where he was going', async () => {
    await page.goto(paths.consoleBenefits());
    await page.getByLabel('手机号').fill(phoneOf('city_administrator').replace('+86', ''));
    await page.getByRole('button', { name: '获取验证码' }).click();
    const told = await page.getByText('演示环境的验证码').textContent();
    await page.getByLabel('验证码').fill(/\d{6}/.exec(told ?? '')?.[0] ?? '');
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('heading', { name: '绑定身份验证器' }).waitFor();
    const shown = await page.locator('.select-all').textContent();
    const [now] = await sql<{ seconds: number }[]>`
      select extract(epoch from clock())::float8 as seconds`;
    const code = await totp((shown ?? '').replaceAll(' ', ''), stepAt(now?.seconds ?? 0));
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    await page.getByLabel('六位数字').fill(wrong);
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.locator('[aria-invalid=true]').waitFor();
    await page.getByLabel('六位数字').fill(code);
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.waitForURL(paths.consoleBenefits());
    await page.getByRole('heading', { name: '福利', level: 1 }).waitFor();
  });

  test('goes anywhere by a few letters, from the keyboard alone', async () => {
    const find = async (letters: string, first: RegExp) => {
      await page.keyboard.press('Control+k');
      const field = page.getByRole('combobox', { name: '查找' });
      await field.fill(letters);
      const option = sheetOf(page).getByRole('option', { name: first });
      await option.waitFor();
      while ((await option.getAttribute('aria-selected')) !== 'true')
        await page.keyboard.press('ArrowDown');
    };
    await page.goto(paths.console());
    await page.getByRole('heading', { name: '北京市总工会', level: 1 }).waitFor();
    await find('工会观', /^工会观影/);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '工会观影', level: 1 }).waitFor();
    await find('槐序', /^槐序影城/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/partners\?partner=\d+$/);
    await find('概', /^概览/);
    await page.keyboard.press('Enter');
    await page.waitForURL(paths.console());
    for (const union of ['朝阳区总工会', '北京市总工会']) {
      await find(union, new RegExp(`^${union}`));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: union, level: 1 }).waitFor();
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: '查找' }).fill('没有这样的东西');
    await page.getByText('没有找到，换个词试试。').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.goto(paths.consoleBenefits());
  });

  test('finds behind a flow as many redemptions as it says', async () => {
    await page.goto(paths.console({ days: 90 }));
    const row = page.getByRole('main').locator('table tbody tr').first();
    const said = Number(await row.locator('td').innerText());
    await row.getByRole('link').click();
    await page.waitForURL(/district=.*host=/);
    expect(await (await toTheEnd(page)).count()).toBe(said);
    await page.goto(paths.consoleBenefits());
  });

  test('cannot take away places that were used, is told how many, and can add some', async () => {
    await page.getByRole('link', { name: '工会观影', exact: true }).click();
    await page.waitForURL(/\/\d+$/);
    const bar = page.locator('main li').getByRole('img', { name: /^东城区: / });
    const before = await bar.getAttribute('aria-label');
    const used = Number(/已用 ([\d,]+)/.exec(before ?? '')?.[1]?.replaceAll(',', ''));
    expect(used).toBeGreaterThan(0);
    await page.getByRole('button', { name: '东城区的上限' }).click();
    await sheetOf(page)
      .getByLabel('新上限')
      .fill(String(used - 1));
    await give('名额调减', '保存');
    await sheetOf(page).getByText(`已用、已约和手机持有共 ${used}，上限不能更低`).waitFor();
    expect(await bar.getAttribute('aria-label')).toBe(before);
    await sheetOf(page)
      .getByLabel('新上限')
      .fill(String(used + 100));
    await give('国庆加量', '保存');
    await page
      .locator('main li')
      .getByRole('img', { name: `东城区: 已用 ${used} · 剩余 100` })
      .waitFor();
    expect(await sheetOf(page).count()).toBe(0);
    await page.getByText('国庆加量').waitFor();
    expect(await page.getByText('名额调减').count()).toBe(0);
  });

  test('pauses and resumes with a reason that stands where everybody sees it', async () => {
    await page.getByRole('button', { name: '暂停', exact: true }).click();
    await give('影院设备检修', '暂停');
    const notice = page.getByRole('main').getByText('暂停原因', { exact: true });
    await notice.waitFor();
    const standing = () => sql`
      select pause_reason as reason from benefit where title_zh = '工会观影'`;
    expect(await standing()).toMatchObject([{ reason: '影院设备检修' }]);
    await page.getByRole('button', { name: '恢复', exact: true }).click();
    await give('检修完成', '恢复');
    await notice.waitFor({ state: 'detached' });
    expect(await standing()).toMatchObject([{ reason: null }]);
    await page.getByText('检修完成').waitFor();
  });

  test('filters redemptions, and the file holds the same rows as the list', async () => {
    await page.goto(paths.consoleRedemptions());
    await choose(page, '会员所属区', '海淀区');
    await choose(page, '使用地区', '朝阳区');
    await choose(page, '状态', '已核销');
    await page.waitForURL(/state=booked/);
    // The address holds the filters.
    await page.reload();
    await page.getByRole('cell', { name: '海淀区' }).first().waitFor();
    const rows = await toTheEnd(page);
    const listed = await rows.evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '导出 CSV' }).click(),
    ]);
    const file = await readFile(await download.path(), 'utf8');
    const { data } = Papa.parse<Record<string, string>>(file.replace('\uFEFF', ''), {
      header: true,
      skipEmptyLines: true,
    });
    const filed = data.map((row) => [
      // The list says beside the benefit that its place was a shared one.
      row['名额'] === '共享' ? `${row['福利'] ?? ''} 共享` : row['福利'],
      ...[row['门店'], row['数量'], row['金额（元）']],
    ]);
    const shown = listed.map(([, benefit, , , outlet, quantity, amount]) => [
      benefit?.replace(/\s+/, ' '),
      outlet,
      quantity,
      Number(amount?.replace(/[¥,]/g, '')).toFixed(2),
    ]);
    expect(shown.length).toBeGreaterThan(5);
    // The file goes benefit by benefit.
    expect(shown.map(String).sort()).toEqual(filed.map(String).sort());
    expect(listed.every(([, , home, host]) => home === '海淀区' && host === '朝阳区')).toBe(true);
  });

  test('finds behind a tile of the overview as many redemptions as it says', async () => {
    await page.goto(paths.console({ days: 7 }));
    const tile = page.getByRole('listitem').filter({ hasText: '平谷区' });
    const said = Number(/\d+$/.exec((await tile.innerText()).trim())?.[0]);
    expect(said).toBeGreaterThan(0);
    await tile.getByRole('link').click();
    await page.waitForURL(/host=/);
    expect(await (await toTheEnd(page)).count()).toBe(said);
  });

  test('closes an alert with what was found out', async () => {
    await sql`
      insert into alert (kind, cell, redemption_id, union_id, raised_at)
      select 'not_me', r.cell, r.id, a.union_id, clock()
      from redemption r join allocation a on a.id = r.allocation_id
      order by r.at desc limit 1`;
    await page.goto(paths.consoleAlerts());
    const alert = page.getByRole('listitem').filter({ hasText: '会员说不是本人使用' });
    await alert.getByRole('button', { name: '处理完毕' }).click();
    await give('已联系会员核实', '处理完毕');
    await alert.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: '已处理', exact: true }).click();
    await page.getByText('已联系会员核实').waitFor();
  });

  test('makes a benefit, gives it places and a partner', async () => {
    await page.goto(paths.consoleBenefits());
    await page.getByRole('link', { name: '新建福利' }).click();
    await page.getByRole('heading', { name: '新建福利' }).waitFor();
    await choose(page, '类别', '书店');
    await page.getByLabel('名称（中文）').fill('冬日读书券');
    await page.getByLabel('名称（英文）').fill('Winter book voucher');
    await page.getByLabel('说明（中文）').fill('任选一本书');
    await page.getByLabel('说明（英文）').fill('Any one book');
    await page.getByLabel('结算价（元）').fill('12.5');
    await page.getByLabel('原价（元）').fill('30');
    await page.getByRole('group', { name: '会员所属区' }).getByText('东城区').click();
    await page.getByRole('button', { name: '创建' }).click();
    await give('冬季阅读活动', '创建');
    await page.getByRole('heading', { name: '冬日读书券', level: 1 }).waitFor();
    await page.getByText('¥12.50').waitFor();
    await page.getByRole('button', { name: '增加配额' }).click();
    await sheetOf(page).getByLabel('配额归属').selectOption({ label: '东城区' });
    await sheetOf(page).getByLabel('新上限').fill('80');
    await give('首批名额', '保存');
    await page.getByRole('img', { name: '东城区: 已用 0 · 剩余 80' }).waitFor();
    await page.getByRole('button', { name: '增加商户' }).click();
    const partner = sheetOf(page).getByLabel('商户');
    const name = (await partner.locator('option').first().textContent())?.split(' · ')[0] ?? '';
    await give('参加活动', '增加商户');
    await page.getByRole('button', { name: `移除${name}` }).waitFor();
    expect(heard).toEqual([]);
  });
});

test('a district administrator changes his district’s places of a city benefit and nothing else', async () => {
  const { phones, site } = stand;
  const { page } = await Office.open(phones, site.origin, 'dongcheng_administrator');
  await page.goto(paths.consoleBenefits());
  await page.getByRole('link', { name: '工会观影', exact: true }).click();
  const main = page.getByRole('main');
  await main.getByText('由北京市总工会管理').first().waitFor();
  const edit = main.getByRole('button', { name: '修改', exact: true });
  expect(await edit.getAttribute('aria-disabled')).toBe('true');
  expect(await main.getByRole('button').allInnerTexts()).toEqual([
    '修改',
    '开放名额',
    '增补',
    '修改',
    '增加商户',
  ]);
  await main.getByRole('button', { name: '东城区的上限' }).click();
  await sheetOf(page).getByLabel('新上限').fill('230');
  await sheetOf(page).getByLabel('原因').fill('区里追加');
  await sheetOf(page).getByRole('button', { name: '保存' }).click();
  await main.getByText('上限 230').waitFor();
});
