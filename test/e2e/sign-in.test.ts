import { expect, test } from 'vitest';
import { openPhone } from '../support/browser.ts';
import { phoneOf } from '../support/site.ts';
import { openStand } from './stand.ts';

// Risk: somebody stands before the first screen and does not get to theirs.
const stand = await openStand();

test('a member signs in with the code that was sent, and stands before the card', async () => {
  const { phones, site } = stand;
  const page = await (await openPhone(phones, site.origin)).newPage();
  await page.goto('/');
  await page.waitForURL('**/sign-in**');
  await page.getByLabel('手机号').fill(phoneOf('member_dongcheng').replace('+86', ''));
  await page.getByRole('button', { name: '获取验证码' }).click();
  const notice = await page.getByText('演示环境的验证码').textContent();
  const [code = ''] = /\d{6}/.exec(notice ?? '') ?? [];
  await page.getByLabel('验证码', { exact: true }).fill(code === '000000' ? '000001' : '000000');
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByText('验证码不对').waitFor();
  await page.getByLabel('验证码', { exact: true }).fill(code);
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('button', { name: '放到这部手机' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
});

test.each([
  ['operator_cinema', '**/counter', '扫码核销'],
  ['city_administrator', '**/console**', '北京市总工会'],
])('the demo’s %s is one tap away from their own screen', async (key, address, heading) => {
  const { phones, site } = stand;
  const desk = { width: 1280, height: 800 };
  const page = await (await openPhone(phones, site.origin, desk)).newPage();
  await page.goto('/sign-in');
  await page.locator(`[data-person=${key}]`).click();
  await page.waitForURL(address);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
});
