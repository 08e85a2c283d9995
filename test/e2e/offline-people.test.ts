import { beforeAll, expect, test } from 'vitest';
import { setClock } from '../support/clock.ts';
import { openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';
import { OfflinePhone, Queue } from './offline-phone.ts';
import { openStand } from './stand.ts';

// Risk: who takes over a paired phone redeems for an outlet that is not theirs, or is left without a word about what waits.
const stand = await openStand();
const { sql } = stand.database;
let phone: OfflinePhone;

beforeAll(async () => {
  // This phone judges by a clock that runs.
  await setClock(sql, null);
  const { phones, site } = stand;
  const queue = await Queue.stand(sql, site.origin);
  await sql`update benefit set audience = '{}' where title_en = 'Union film ticket'`;
  const [found] = await sql<{ id: number }[]>`
    select id from outlet where name_en = 'Huaixu Cinema, Jiuxianqiao'`;
  const manager = await openPhone(phones, site.origin);
  await signIn(manager, site.origin, 'manager_cinema');
  const answer = await manager.request.post(`/api/outlets/${found?.id}/pairings`, {
    data: { name: '收银台' },
    headers: { Origin: site.origin },
  });
  const { url } = (await answer.json()) as { url: string };
  await manager.close();
  phone = await OfflinePhone.open(phones, site.origin, 'operator_cinema');
  await phone.pair(url);
  await phone.start();
  await phone.cut();
  await phone.give((await queue.next()).pass);
});

test('without a network nobody signs out, and the button says so', async () => {
  const { page } = phone;
  await page.goto('/counter/outlet');
  await page.getByRole('button', { name: '退出登录' }).click();
  const sheet = page.locator('dialog[open]');
  await sheet.getByText('没有网络，不能退出登录。').waitFor();
  const leave = sheet.getByRole('button', { name: '仍然退出' });
  expect(await leave.getAttribute('aria-disabled')).toBe('true');
  await page.keyboard.press('Escape');
});

test('a clock that was set back is named before anybody scans', async () => {
  const { page } = phone;
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() - 3_600_000;
  });
  await page.goto('/counter');
  await page.getByText('这部手机的时间被调回去了').waitFor();
});

test('somebody of another partner stands at none of its outlets, and hears who must upload', async () => {
  await phone.context.clearCookies();
  await phone.context.setOffline(false);
  const { page } = phone;
  await page.waitForURL('**/sign-in**');
  await page.goto('/sign-in');
  await page.getByRole('button', { name: /三家书店的核销员/ }).click();
  await page.getByText('您现在在哪家门店？').waitFor();
  await page
    .getByText('这部手机配对给槐序影城（酒仙桥店），请那里的核销员登录。')
    .first()
    .waitFor();
  await page.getByRole('link', { name: '扫码', exact: true }).click();
  await page.getByText('请先选择门店').waitFor();
  expect((await phone.stored()).items).toHaveLength(1);
  expect(phone.complaints).toEqual([]);
});
