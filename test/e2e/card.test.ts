import { expect, test } from 'vitest';
import { moveClock } from '../support/clock.ts';
import { signIn, stopAtFreshMinute } from '../support/site.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { openStand } from './stand.ts';

// Risk: a member stands at the counter without a code, or with one on a phone that is no longer theirs.
const stand = await openStand();

test('a lost phone does not bring its card back by a tap: it takes a new sign-in', async () => {
  const { phones, site, database } = stand;
  const member = await MemberPhone.open(phones, site.origin, 'member_haidian_park');
  const { page, context } = member;
  const enrol = page.getByRole('button', { name: '放到这部手机' });
  const code = member.code();
  await enrol.click();
  await page.getByRole('button', { name: '移到这部手机' }).click();
  await code.waitFor();
  await moveClock(database.sql, '2 minutes');
  await page.goto('/settings');
  await page.getByRole('button', { name: '挂失通卡' }).click();
  await page.getByRole('button', { name: '确认挂失' }).click();
  await page.goto('/');
  await page.getByRole('heading', { name: '通卡已挂失' }).waitFor();
  await enrol.click();
  await page.getByRole('button', { name: '获取验证码' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await moveClock(database.sql, '1 minute');
  await signIn(context, site.origin, 'member_haidian_park');
  await page.goto('/');
  await enrol.click();
  await code.waitFor();
});

test('the card opens without a network, on a code that the counter accepts', async () => {
  const { phones, site, database } = stand;
  const counter = await CounterPhone.open(phones, site.origin, 'operator_cinema');
  await counter.start();
  await stopAtFreshMinute(database);
  const member = await MemberPhone.open(phones, site.origin, 'member_jiuxianqiao');
  await member.enrol();
  await member.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await member.context.setOffline(true);
  await member.page.reload();
  const code = await member.shortCode();
  await member.page.getByText('没有网络，码照常可用到').waitFor();
  await counter.page.getByRole('button', { name: '输入短码' }).click();
  const field = counter.page.getByLabel('二维码下面的 16 位短码');
  await field.fill(code);
  await field.press('Enter');
  await counter.title('柏＊').waitFor();
});

test('a new phone says what happens to the old one, which then says why it stopped', async () => {
  const { phones, site, database } = stand;
  await stopAtFreshMinute(database);
  const old = await MemberPhone.open(phones, site.origin, 'member_senior');
  await old.enrol();
  const oldCode = await old.codeText();
  const fresh = await MemberPhone.open(phones, site.origin, 'member_senior');
  await fresh.page.getByRole('button', { name: '放到这部手机' }).click();
  await fresh.page.getByRole('heading', { name: '通卡在另一部手机上' }).waitFor();
  await old.code().waitFor();
  await fresh.page.getByRole('button', { name: '移到这部手机' }).click();
  await fresh.code().waitFor();
  await old.page.getByRole('heading', { name: '通卡已移到另一部手机' }).waitFor();
  expect(await old.code().count()).toBe(0);

  const counter = await CounterPhone.open(phones, site.origin, 'operator_cinema');
  await counter.start();
  await counter.wedge(oldCode);
  await counter.title('这张卡已换到另一部手机').waitFor();
  await counter.wedge(await fresh.codeText());
  await counter.title('陶＊').waitFor();
});

test('“not me” reaches the union and not the counter', async () => {
  const { phones, site, database } = stand;
  await stopAtFreshMinute(database);
  const member = await MemberPhone.open(phones, site.origin, 'member_dongcheng');
  await member.enrol();
  const counter = await CounterPhone.open(phones, site.origin, 'operator_cinema');
  await counter.start();
  await counter.wedge(await member.codeText());
  await counter.confirm();
  await counter.title('核销成功').waitFor();
  await member.page.getByRole('button', { name: '不是我' }).click();
  await member.page.getByRole('button', { name: '通知工会' }).click();
  await member.page.getByText('已通知工会核查').waitFor();
  const [alerted] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from alert where closed_at is null`;
  expect(alerted?.count).toBeGreaterThan(0);
  await counter.next();
  await counter.page.getByRole('link', { name: '今日', exact: true }).click();
  await counter.page.getByText('许＊').waitFor();
  expect(await counter.page.textContent('main')).not.toMatch(/不是|核查|异常/);
});
