import { beforeAll, describe, expect, test } from 'vitest';
import { openPhone } from '../support/browser.ts';
import { moveClock } from '../support/clock.ts';
import { signIn } from '../support/site.ts';
import { CounterPhone, holdUp } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: every part works by itself, and a member still stands before a cinema of another district without a film.
const stand = await openStand();
const { sql } = stand.database;

describe('a member of Dongcheng at a cinema in Chaoyang', () => {
  let member: MemberPhone;
  let counter: CounterPhone;
  let office: Office;
  let usedBefore: number;

  beforeAll(async () => {
    const { phones, counters, film, site } = stand;
    member = await MemberPhone.open(phones, site.origin, 'member_dongcheng');
    await member.enrol();
    office = await Office.open(phones, site.origin, 'city_administrator');
    usedBefore = await office.usedIn('东城区', '工会观影');
    await holdUp(phones, film, await member.picture());
    counter = await CounterPhone.open(counters, site.origin, 'operator_cinema', {
      hasCamera: true,
    });
  });

  test('the camera reads the card, and one tap gives the film', async () => {
    await counter.start();
    await counter.title('许＊').waitFor();
    expect(await counter.cover.textContent()).toContain('工会观影');
    await counter.confirm();
    await counter.title('核销成功').waitFor();
    expect(counter.complaints).toEqual([]);
  });

  test('the member’s screen changes by itself', async () => {
    await member.page.getByRole('heading', { name: '已使用' }).waitFor();
    const told = await member.page.getByRole('alert').textContent();
    expect(told).toContain('工会观影');
    expect(told).toContain('朝阳区');
    await member.page.getByRole('button', { name: '完成' }).click();
  });

  test('the city sees one more used in Dongcheng’s allocation', async () => {
    expect(await office.usedIn('东城区', '工会观影')).toBe(usedBefore + 1);
  });

  test('a second scan is refused with place and time', async () => {
    await moveClock(sql, '1 second');
    await counter.next();
    await counter.title('这个码已经用过').waitFor();
    const [used] = await sql<{ time: string }[]>`
      select to_char(max(at) at time zone 'Asia/Shanghai', 'HH24:MI') as time from redemption`;
    const said = await counter.cover.textContent();
    expect(said).toContain('朝阳区');
    expect(said).toContain(used?.time);
  });

  test('undo gives the place back', async () => {
    await counter.next();
    await counter.page.getByRole('link', { name: '今日', exact: true }).click();
    await counter.page.getByRole('button', { name: '撤销' }).first().click();
    await counter.page.getByRole('radio', { name: '扫错了' }).check();
    await counter.page.getByRole('button', { name: '确认撤销' }).click();
    await counter.page.getByText('已撤销').first().waitFor();
    await member.page.getByRole('heading', { name: '已撤销' }).waitFor();
    expect(await office.usedIn('东城区', '工会观影')).toBe(usedBefore);
  });

  test.each([
    ['held at a slant', { rotate: 20 }],
    ['in a dark hall', { brightness: 0.35 }],
    ['slightly out of focus', { blur: 1.5 }],
    ['all of that at once', { rotate: 20, brightness: 0.5, blur: 1 }],
  ])('the camera reads a phone %s', async (_how, look) => {
    await moveClock(sql, '1 minute');
    await member.renew();
    await holdUp(stand.phones, stand.film, await member.picture(), look);
    await counter.start();
    await counter.title('许＊').waitFor();
  });
});

test('a member’s code that another camera app opens says what it is, and nothing about the member', async () => {
  const { phones, site } = stand;
  const passer = await openPhone(phones, site.origin);
  const member = await MemberPhone.open(phones, site.origin, 'member_jiuxianqiao');
  await member.enrol();
  const url = await member.codeText();
  const page = await passer.newPage();
  await page.goto(new URL(url).pathname);
  await page.getByRole('heading', { name: '这是工会会员的通卡码' }).waitFor();
  expect(await page.textContent('body')).not.toContain('柏');
  await signIn(passer, site.origin, 'operator_cinema');
  await page.reload();
  const cover = page.locator('dialog[open]').first();
  await cover.getByRole('heading', { name: '柏＊' }).waitFor();
  expect(page.url()).toBe(`${site.origin}/counter`);
});
