import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openPhone } from '../support/browser.ts';
import { idIn } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { signIn } from '../support/site.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: a draw is fair in the database, and a member who doubts it has no way to find out.
const at = (time: string) => `2027-03-01T${time}:00+08:00`;
const stand = await openStand({ at: at('10:00') });
const { sql } = stand.database;
const title = '春游摇号';
const number = '02 09 14 21 27 33 + 11';

async function userOf(context: BrowserContext): Promise<string> {
  const answer = await context.request.get('/api/session');
  return ((await answer.json()) as { user: { id: string } }).user.id;
}

/** A benefit of the city's that is to be drawn, without prizes yet; its sign-up is from 11 to 12. */
async function addLottery(): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, weekdays, opens_minute, closes_minute, audience,
        quantity_max, limit_count, limit_period, claim_kind)
      select u.id, 'park', ${title}, 'Spring outing', '', '', 30000, 30000, ${at('10:00')},
        ${at('10:00')}::timestamptz + interval '90 days', '{1,2,3,4,5,6,7}', 0, 1440, '{}', 1, 1,
        'total', 'draw'
      from trade_union u where u.level = 1
      returning id, union_id
    ), partners as (
      insert into benefit_partner (benefit_id, partner_id)
      select b.id, p.id from b, partner p where p.name_en = 'Hefeng Park'
    ), pool as (
      insert into allocation (benefit_id, union_id, cap) select id, union_id, 100 from b
    )
    insert into claim_terms (benefit_id, opens_at, closes_at)
    select id, ${at('11:00')}, ${at('12:00')} from b returning benefit_id as id`;
  if (!row) throw new Error('The statement returned no row.');
  return row.id;
}

/** Entries of other members of the city. */
async function enterOthers(benefit: number, besides: number, entries: number): Promise<void> {
  const members = await sql<{ cell: number; id: number; union: number }[]>`
    select m.cell, m.id::float8 as id, a.union_id as union
    from member m join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
    where m.id <> ${besides}
    order by m.id limit ${entries}`;
  for (const one of members)
    await sql`
      insert into claim (cell, id, member_id, benefit_id, union_id, quantity, state, at, made_at,
        changed_at)
      values (${one.cell}, ${idIn(one.cell)}, ${one.id}, ${benefit}, ${one.union}, 1, 'entered',
        clock(), clock(), clock())`;
}

describe('a draw from its commitment to a result that a member computes again', () => {
  let benefit: number;
  let first: Office;
  let second: Office;
  let member: Page;
  let claim: string;

  beforeAll(async () => {
    benefit = await addLottery();
    const { phones, site } = stand;
    first = await Office.open(phones, site.origin, 'city_administrator');
    second = await Office.open(phones, site.origin, 'city_viewer');
    await sql`
      update officer set role = 'editor' where user_id = ${await userOf(second.context)}`;
    const context = await openPhone(phones, site.origin);
    await signIn(context, site.origin, 'member_dongcheng');
    member = await context.newPage();
  });

  test('the organiser fills the prizes by shares of the money', async () => {
    const { page, sheet } = first;
    await page.goto(`/console/benefits/${benefit}/claims`);
    await page.getByRole('button', { name: '按资金比例设奖项' }).click();
    await sheet.getByLabel('总资金（元）').fill('1000');
    const prizes = [
      ['三百元', '300', '30'],
      ['一百元', '100', '30'],
      ['六十元', '60', '40'],
    ] as const;
    for (const [i, [name, price, share]] of prizes.entries()) {
      if (i > 0) await sheet.getByRole('button', { name: '再加一个奖项' }).click();
      const group = sheet.getByRole('group').nth(i);
      await group.getByLabel('奖项名称').fill(name);
      await group.getByLabel('英文名称').fill(name);
      await group.getByLabel('每份面值（元）').fill(price);
      await group.getByLabel('占资金 %').fill(share);
    }
    // 300/300, 300/100 and 400/60, rounded down.
    await sheet.getByText('用去 ¥960，余 ¥40。').waitFor();
    await first.give('三种面值', '保存');
    expect(
      await sql`select cap, price_fen from session where benefit_id = ${benefit} order by id`,
    ).toEqual([
      { cap: 1, price_fen: 30_000 },
      { cap: 3, price_fen: 10_000 },
      { cap: 6, price_fen: 6_000 },
    ]);
  });

  test('and commits to a secret before sign-up opens', async () => {
    const { page, sheet } = first;
    await page.getByRole('button', { name: '封存承诺' }).click();
    await sheet.getByLabel('公开号码的名称').fill('双色球第 2027030 期开奖号码');
    await sheet.getByLabel('英文名称').fill('Double-colour lottery, draw 2027030');
    await sheet.getByLabel('从未中过签的，加几签').fill('2');
    await first.give('公开摇号', '封存承诺');
    await page.getByText('要公布的内容').waitFor();
  });

  test('members enter, and everybody sees the commitment and how many they are', async () => {
    await setClock(sql, at('11:30'));
    const [me] = await sql<{ id: number; cell: number }[]>`
      select id::float8 as id, cell from member where user_id = ${await userOf(member.context())}`;
    if (!me) throw new Error('He is no member.');
    claim = idIn(me.cell);
    const headers = { Origin: stand.site.origin };
    const path = `/api/claims/${claim}`;
    const made = await member.context().request.put(path, { data: { benefit }, headers });
    expect(made.status(), await made.text()).toBe(201);
    await enterOthers(benefit, me.id, 20);
    await member.goto(`/benefits/${benefit}/draw`);
    await member.getByText('21 人报名').waitFor();
    await member.getByText('我的化名').waitFor();
    expect(await member.getByRole('button', { name: '开始验算' }).count()).toBe(0);
  });

  test('one officer enters the number, another one compares and confirms it', async () => {
    await setClock(sql, at('13:00'));
    const { page, sheet } = first;
    await page.reload();
    await page.getByRole('button', { name: '试摇一次' }).click();
    await page.getByRole('region', { name: '试摇一次' }).waitFor();
    await page.getByRole('button', { name: '录入公开号码' }).click();
    await sheet.getByLabel('号码', { exact: true }).fill(number);
    await first.give('照开奖公告录入', '录入公开号码');
    await page.getByText(`号码 ${number} 已录入，等第二人核对确认。`).waitFor();
    await second.page.goto('/console/proposals');
    await second.page.getByText(`双色球第 2027030 期开奖号码：${number}`).waitFor();
    await second.page.getByRole('button', { name: '确认', exact: true }).click();
    await second.sheet.getByRole('button', { name: '确认', exact: true }).click();
    await second.sheet.waitFor({ state: 'detached' });
    await second.page.goto(`/console/benefits/${benefit}/draw`);
    await second.page.getByText(number, { exact: true }).waitFor();
  });

  test('the member finds himself, and his phone comes to the same result', async () => {
    await member.reload();
    const [entry] = await sql<{ pseudonym: string; place: number }[]>`
      select pseudonym, place from draw_entry where claim_id = ${claim}`;
    await member.getByText(`第 ${entry?.place} 位，共 21 人`).waitFor();
    await member
      .getByText(entry?.pseudonym ?? '?')
      .first()
      .waitFor();
    await member.getByRole('button', { name: '开始验算' }).click();
    await member.getByText('一致：结果就是这样算出来的').waitFor();
    expect(await member.getByText('不一致').count()).toBe(0);
  });

  test('a list that is not the one of the close is found out on his phone', async () => {
    await member.route('**/draw/list', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace(/,3\n/, ',9\n'),
      });
    });
    await member.getByRole('button', { name: '再算一遍' }).click();
    await member.getByText('不一致：公布的内容对不上').waitFor();
    const steps = member.getByRole('listitem').filter({ hasText: '的指纹与封存时公布的' });
    expect(await steps.textContent()).toContain('不一致');
    await member.unroute('**/draw/list');
    await member.getByRole('button', { name: '再算一遍' }).click();
    await member.getByText('一致：结果就是这样算出来的').waitFor();
  });
});
