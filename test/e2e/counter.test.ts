import type { Route } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { moveClock } from '../support/clock.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { openStand } from './stand.ts';

// Risk: a nervous thumb, a reload or a dead spot at the counter uses a member's benefit twice, or loses it unseen.
const stand = await openStand();
const { sql } = stand.database;
const puts = '**/api/redemptions/*';
let member: MemberPhone;
let counter: CounterPhone;

/** Every use of the film by the members of these tests, as the database has it. */
async function uses(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from redemption where booked_at >= (select at from test_clock)`;
  return row?.count ?? 0;
}

/** A fresh minute has a fresh pass, and no use yet. */
async function freshPass(): Promise<string> {
  await moveClock(sql, '1 minute');
  return member.codeText();
}

beforeAll(async () => {
  const { phones, site } = stand;
  member = await MemberPhone.open(phones, site.origin, 'member_senior');
  await member.enrol();
  counter = await CounterPhone.open(phones, site.origin, 'operator_cinema');
  // As often as a test needs it.
  await sql`update benefit set limit_count = 100 where title_en = 'Union film ticket'`;
});

afterEach(async () => {
  await counter.page.unrouteAll({ behavior: 'ignoreErrors' });
  await counter.context.setOffline(false);
});

describe('a use counts once', () => {
  test('when the button is tapped twice', async () => {
    await counter.start();
    await counter.wedge(await freshPass());
    const sent: string[] = [];
    counter.page.on('request', (request) => {
      if (request.method() === 'PUT') sent.push(request.url());
    });
    await counter.confirmButton.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await counter.title('核销成功').waitFor();
    expect(sent).toHaveLength(1);
    expect(await uses()).toBe(1);
  });

  test('when the page is reloaded before the answer comes', async () => {
    await counter.start();
    await counter.wedge(await freshPass());
    const ids: string[] = [];
    const held = Promise.withResolvers<Route>();
    await counter.page.route(puts, (route) => {
      ids.push(route.request().url());
      held.resolve(route);
    });
    await counter.confirm();
    await (await held.promise).abort();
    await counter.page.unrouteAll({ behavior: 'ignoreErrors' });
    counter.page.on('request', (request) => {
      if (request.method() === 'PUT') ids.push(request.url());
    });
    await counter.page.reload();
    await counter.title('核销成功').waitFor();
    expect(new Set(ids).size).toBe(1);
    expect(ids.length).toBeGreaterThan(1);
    expect(await uses()).toBe(1);
  });

  test('when the answer is lost on its way and the phone asks again', async () => {
    await counter.start();
    await counter.wedge(await freshPass());
    await counter.page.route(
      puts,
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      { times: 1 },
    );
    await counter.confirm();
    await counter.title('还没有收到结果').waitFor();
    expect(await uses()).toBe(1);
    await counter.title('核销成功').waitFor();
    expect(await uses()).toBe(1);
  });

  test('when the network is cut at the moment of sending, and comes back', async () => {
    await counter.start();
    await counter.wedge(await freshPass());
    await counter.title('陶＊').waitFor();
    await counter.context.setOffline(true);
    await counter.confirm();
    await counter.title('还没有收到结果').waitFor();
    await counter.cover.getByRole('button', { name: '先放一边，回到扫码' }).click();
    await counter.page.getByText('有 1 笔还没有结果').waitFor();
    await counter.page.getByText('没有网络，暂时不能核销').waitFor();
    expect(await uses()).toBe(0);
    await counter.context.setOffline(false);
    await counter.title('核销成功').waitFor();
    expect(await uses()).toBe(1);
    await counter.next();
    expect(await counter.page.getByText('还没有结果').count()).toBe(0);
  });
});

describe('ways to read a card', () => {
  test('a typed short code, with the letters people take for digits', async () => {
    await counter.start();
    await moveClock(sql, '1 minute');
    await member.renew();
    const code = await member.shortCode();
    await counter.page.getByRole('button', { name: '输入短码' }).click();
    const field = counter.page.getByLabel('二维码下面的 16 位短码');
    await field.fill(code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'));
    await field.press('Enter');
    await counter.title('陶＊').waitFor();
  });

  test('a photo of the screen', async () => {
    await counter.start();
    await moveClock(sql, '1 minute');
    await member.renew();
    await counter.page
      .getByLabel('选照片')
      .last()
      .setInputFiles({
        name: 'photo.png',
        mimeType: 'image/png',
        buffer: await member.picture(),
      });
    await counter.title('陶＊').waitFor();
  });

  test('a USB scanner, also while a result is shown, without pressing its button', async () => {
    await counter.start();
    await counter.type('134567890123456789');
    await counter.title('这是付款码').waitFor();
    await counter.type(await freshPass());
    await counter.title('陶＊').waitFor();
    await counter.type('HTTPS://QR.ALIPAY.COM/FKX0123456789');
    await counter.title('这是收款码').waitFor();
    expect(await counter.cover.textContent()).toContain('通卡');
    expect(await uses()).toBe(0);
  });

  test('a counter without a camera says so and works', async () => {
    await counter.start();
    await counter.page.getByText('没有找到摄像头').waitFor();
  });
});

describe('what is redeemed', () => {
  test('of several benefits the one that was chosen', async () => {
    await sql`update benefit
      set paused_at = null, pause_reason = null, opens_minute = 0, closes_minute = 1440
      where title_en = 'Late film'`;
    await counter.start();
    await counter.wedge(await freshPass());
    await counter.cover.getByRole('radio', { name: '夜场电影' }).check();
    await counter.confirm();
    await counter.title('核销成功').waitFor();
    expect(await counter.cover.textContent()).toContain('夜场电影 × 1');
    await sql`update benefit set paused_at = clock(), pause_reason = '测试'
      where title_en = 'Late film'`;
  });

  test('as many as chosen, and undone with a reason', async () => {
    await counter.start();
    await counter.wedge(await freshPass());
    await counter.cover.getByRole('button', { name: '增加' }).click();
    await counter.confirm();
    await counter.title('核销成功').waitFor();
    const [used] = await sql<{ quantity: number }[]>`
      select quantity from redemption order by booked_at desc, id desc limit 1`;
    expect(used?.quantity).toBe(2);
    await counter.cover.getByRole('button', { name: '撤销这一笔' }).click();
    await counter.page.getByRole('radio', { name: '其他' }).check();
    await counter.page.getByLabel('请写明原因').fill('多点了一张');
    await counter.page.getByRole('button', { name: '确认撤销' }).click();
    await counter.title('已撤销').waitFor();
    const [undone] = await sql<{ reason: string }[]>`
      select reason from reversal order by at desc, id desc limit 1`;
    expect(undone?.reason).toBe('多点了一张');
  });

  test('at the outlet that was chosen, which stays chosen', async () => {
    const { phones, site } = stand;
    const shop = await CounterPhone.open(phones, site.origin, 'operator_bookshops');
    await shop.page.goto('/counter');
    await shop.page.waitForURL('**/counter/outlet');
    const choices = shop.page.getByRole('main').locator('ul button');
    await choices.first().waitFor();
    expect(await choices.count()).toBe(3);
    const name = (await choices.nth(2).locator('span span').first().textContent())?.trim() ?? '';
    await choices.nth(2).click();
    await shop.page.waitForURL('**/counter');
    await shop.page.reload();
    await shop.page.getByRole('link', { name }).waitFor();
    await shop.wedge(await freshPass());
    await shop.title(/陶|可用|暂停|不/).waitFor();
    await shop.context.close();
  });

  test('not without a network, and then again with it', async () => {
    await counter.start();
    const pass = await freshPass();
    await counter.context.setOffline(true);
    await counter.wedge(pass);
    await counter.title('没有核对成功').waitFor();
    await counter.context.setOffline(false);
    await counter.cover.getByRole('button', { name: '重试' }).click();
    await counter.title('陶＊').waitFor();
  });

  test('by nobody whom the manager has suspended', async () => {
    const { phones, site } = stand;
    const manager = await CounterPhone.open(phones, site.origin, 'manager_cinema');
    await manager.page.goto('/counter/operators');
    const person = manager.page.getByRole('listitem').filter({ hasText: '韩晴川' });
    const setStanding = async (button: string) => {
      await person.getByRole('button', { name: button }).click();
      const sheet = manager.page.locator('dialog[open]');
      await sheet.getByLabel('原因').fill('换班');
      await sheet.getByRole('button', { name: button, exact: true }).last().click();
      await sheet.waitFor({ state: 'detached' });
    };
    await counter.start();
    await counter.wedge(await freshPass());
    await counter.title('陶＊').waitFor();
    await setStanding('停用');
    await counter.confirm();
    await counter.title('这个核销员已被停用').waitFor();
    await setStanding('恢复');
    await counter.next();
    await counter.wedge(await freshPass());
    await counter.title('陶＊').waitFor();
    await manager.context.close();
  });
});
