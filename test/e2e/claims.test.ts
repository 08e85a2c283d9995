import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimEach } from '../../api/claims/claim-each.ts';
import { paths } from '../../web/src/lib/paths.ts';
import { complaints } from '../support/browser.ts';
import { idIn } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { MemberPhone } from './member-phone.ts';
import { openStand } from './stand.ts';

// Risk: places are counted right and nobody can come by one, or hears of it too late, at the screen of a phone.
const stand = await openStand();
const { sql } = stand.database;

// What is counted down runs.
beforeAll(() => setClock(sql, null));
afterAll(async () => expect(await sql`select * from consistency()`).toEqual([]));

async function benefitCalled(titleEn: string): Promise<number> {
  const [found] = await sql<{ id: number }[]>`select id from benefit where title_en = ${titleEn}`;
  if (!found) throw new Error(`The demo city has no ${titleEn}.`);
  return found.id;
}

async function openMember(key: string): Promise<Page> {
  const { page } = await MemberPhone.open(stand.phones, stand.site.origin, key);
  return page;
}

const claimButton = (page: Page, name: string) =>
  page.locator('button[aria-disabled="false"]').filter({ hasText: name });
const choose = (page: Page, session: number) =>
  page.locator(`label:has(input[value="${session}"])`).click();
const badge = (page: Page, text: string) => page.locator('[data-claim]').getByText(text).first();

type Row = { id: number; startsAt: Date };

async function addSession(benefit: number, inDays: number, cap: number): Promise<Row> {
  const [made] = await sql<Row[]>`
    insert into session (benefit_id, starts_at, ends_at, cap)
    select ${benefit}, at, at + interval '1 hour', ${cap}
    from (values (local_day(clock()) + ${inDays}::int)) as d (day),
      lateral (select (day + time '10:30') at time zone 'Asia/Shanghai') as t (at)
    returning id, starts_at as "startsAt"`;
  if (!made) throw new Error('There is no session.');
  return made;
}

describe('a film drop with 300 others', () => {
  const others = 300;
  const units = [20, 10];
  let benefit: number;
  let sessions: number[];
  let opensAt: Date;
  let page: Page;
  let heard: string[];

  beforeAll(async () => {
    benefit = await benefitCalled('New films, tickets at a stroke');
    await sql`update benefit set paused_at = null, pause_reason = null where id = ${benefit}`;
    page = await openMember('member_dongcheng');
    heard = complaints(page);
    await page.goto(paths.benefit(String(benefit)));
    await page.getByRole('timer').waitFor();
    const rows = await sql<{ id: number }[]>`
      select id from session where benefit_id = ${benefit} order by id limit 2`;
    sessions = rows.map(({ id }) => id);
    const [wave] = await sql<{ id: number; opensAt: Date }[]>`
      insert into wave (benefit_id, opens_at, entry_seconds)
      values (${benefit}, date_trunc('second', clock()) + interval '20 seconds', 8)
      returning id, opens_at as "opensAt"`;
    if (!wave) throw new Error('There is no wave.');
    opensAt = wave.opensAt;
    for (const [i, session] of sessions.entries()) {
      await sql`
        insert into wave_units (wave_id, session_id, units)
        values (${wave.id}, ${session}, ${units[i] ?? 0})`;
    }
  });

  test('counts down to the second, says the rules, and is not live before', async () => {
    await page.goto(paths.benefit(String(benefit)));
    await page.getByRole('timer').waitFor();
    await page.getByText('8 秒内提交的一起摇号，之后先到先得').waitFor();
    await choose(page, sessions[0] ?? 0);
    const button = page.getByRole('button', { name: '立即抢票' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
  });

  test('goes live at that second by the server’s clock, and all who come then are drawn together', async () => {
    await claimButton(page, '立即抢票').waitFor({ timeout: 40_000 });
    const [clock] = await sql<{ late: number }[]>`
      select extract(epoch from clock() - ${opensAt})::float8 as late`;
    expect(clock?.late).toBeGreaterThan(-0.3);
    expect(clock?.late).toBeLessThan(4);
    const crowd = enterAll();
    await claimButton(page, '立即抢票').click();
    await badge(page, '等待抽签').waitFor();
    expect(await crowd).toEqual({ entered: others });
  });

  test('the screen tells the result by itself, and it is exact', async () => {
    await badge(page, '等待抽签').waitFor({ state: 'detached', timeout: 30_000 });
    const states = await sql<{ state: string; count: number }[]>`
      select state, count(*)::int as count from claim where benefit_id = ${benefit} group by state order by state`;
    expect(Object.fromEntries(states.map(({ state, count }) => [state, count]))).toEqual({
      confirmed: 30,
      waiting: others + 1 - 30,
    });
    const counts = await sql<{ cap: number; taken: number }[]>`
      select cap, taken from session where id = any(${sessions}::int[]) order by id`;
    expect(counts.map(({ cap, taken }) => [cap, taken])).toEqual(units.map((one) => [one, one]));
    const [mine] = await sql<{ state: string }[]>`
      select state from claim where benefit_id = ${benefit} and made_by is null`;
    await badge(page, mine?.state === 'confirmed' ? '已约好' : '排队中').waitFor();
    expect(heard).toEqual([]);
  });

  async function enterAll(): Promise<Record<string, number>> {
    const [clerk] = await sql<{ userId: string }[]>`
      select f.user_id as "userId" from officer f join trade_union u on u.id = f.union_id
      where u.level = 1 and f.role = 'administrator' order by f.id limit 1`;
    const members = await sql<{ cell: number; id: number }[]>`
      select m.cell, m.id from member m
      join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      where m.user_id is null order by m.cell, m.id limit ${others}`;
    const now = new Date().toISOString();
    const items = members.map(({ cell, id }, i) => ({
      id: idIn(cell),
      benefit,
      session: sessions[i % sessions.length] ?? null,
      quantity: 1,
      waits: false,
      answers: {},
      member: id,
      user: clerk?.userId ?? '',
      sessionAt: now,
      secondFactorAt: now,
    }));
    const answers = await Promise.all(items.map((item) => claimEach(sql, [item])));
    const tally: Record<string, number> = {};
    for (const [answer] of answers) {
      const said = answer?.status === 'fulfilled' ? answer.value : undefined;
      const name = said === undefined ? 'failed' : 'state' in said ? said.state : said.outcome;
      tally[name] = (tally[name] ?? 0) + 1;
    }
    return tally;
  }
});

test('a family photo is booked for three and moved to another day', async () => {
  const benefit = await benefitCalled('Family photo, by appointment');
  const [first, second] = [await addSession(benefit, 9, 4), await addSession(benefit, 10, 4)];
  const page = await openMember('member_jiuxianqiao');
  await page.goto(paths.benefit(String(benefit)));
  await choose(page, first.id);
  for (let i = 0; i < 2; i += 1) await page.getByRole('button', { name: '多一个' }).click();
  await page.getByText('本人和 2 位家人').waitFor();
  await claimButton(page, '预约').click();
  await badge(page, '已约好').waitFor();
  const taken = async () => {
    const rows = await sql<{ taken: number }[]>`
      select taken from session where id in (${first.id}, ${second.id}) order by id`;
    return rows.map(({ taken }) => taken);
  };
  expect(await taken()).toEqual([3, 0]);

  await page.goto(paths.claims());
  const card = page.locator('[data-claim]').first();
  await card.getByRole('button', { name: '改期' }).click();
  const sheet = page.locator('dialog[open]');
  await sheet.locator(`label:has(input[value="${second.id}"])`).click();
  await sheet.getByRole('button', { name: '改到这一场' }).click();
  await sheet.waitFor({ state: 'detached' });
  const day = new Intl.DateTimeFormat('zh-CN', {
    month: 'short',
    day: 'numeric',
    timeZone: 'Asia/Shanghai',
  });
  await card.getByText(day.format(second.startsAt)).waitFor();
  expect(await taken()).toEqual([0, 3]);

  const file = await card.getByRole('link', { name: '加入日历' }).getAttribute('href');
  const answer = await page.context().request.get(file ?? '');
  expect(answer.headers()['content-type']).toContain('text/calendar');
  const stamp = second.startsAt.toISOString().replace(/[-:]|\.\d{3}/g, '');
  expect(await answer.text()).toContain(`DTSTART:${stamp}`);

  await page.getByRole('link', { name: '日历' }).first().click();
  const onItsDay = page.getByRole('button', {
    name: new RegExp(`^${day.format(second.startsAt)}.*，\\d+ 项$`),
  });
  const nextMonth = page.getByRole('button', { name: '下个月' });
  await nextMonth.waitFor();
  if ((await onItsDay.count()) === 0) await nextMonth.click();
  await onItsDay.click();
  await page.locator('[data-claim]').getByText('全家福摄影预约').first().waitFor();

  const tomorrow = await addSession(benefit, 1, 0);
  await sql`
    update session set starts_at = ${tomorrow.startsAt}, ends_at = ${tomorrow.startsAt}::timestamptz + interval '1 hour'
    where id = ${second.id}`;
  await sql`update claim set at = ${tomorrow.startsAt} where session_id = ${second.id}`;
  for (const path of [paths.claims(), paths.benefits()]) {
    await page.goto(path);
    await page.getByText('明天 10:30 全家福摄影预约').waitFor();
  }
});

test('a driving school asks its questions, and tells who it took', async () => {
  const benefit = await benefitCalled('Driving school sign-up');
  const page = await openMember('member_senior');
  await page.goto(paths.benefit(String(benefit)));
  await page.getByText('请先填完必填的问题').waitFor();
  await page.getByText('C2 自动挡').click();
  await page.getByText('1 到 7 的整数').waitFor();
  const days = page.getByLabel('每周能练几天');
  expect(await days.getAttribute('inputmode')).toBe('numeric');
  for (const wrong of ['9', '2.5']) {
    await days.fill(wrong);
    const answer = page.waitForResponse(/\/api\/claims\//);
    await claimButton(page, '报名').click();
    expect(await (await answer).json()).toMatchObject({ code: 'answers_invalid' });
    await page.getByText('有一项没有填，或填得不对。').waitFor();
  }
  await days.fill('3');
  await page.getByLabel('还有什么要说明的（选填）').fill('周末可以');
  await claimButton(page, '报名').click();
  await badge(page, '等待审核').waitFor();
  const [claim] = await sql<{ id: string; answers: unknown }[]>`
    select c.id, c.answers from claim c join member m on m.cell = c.cell and m.id = c.member_id
    where c.benefit_id = ${benefit} and c.made_by is null`;
  expect(claim?.answers).toEqual({ licence: 'c2', days: 3, remark: '周末可以' });
  await sql`select decide_claim(${claim?.id ?? ''}, true, 'city_administrator', null)`;
  await page.goto(paths.inbox());
  await page.getByText('审核通过：驾校报名').waitFor();
});

test('a wait list moves by itself, and who waited hears of it without asking', async () => {
  const benefit = await benefitCalled('Family photo, by appointment');
  const session = await addSession(benefit, 11, 1);
  const [holder, waiter] = [
    await openMember('member_haidian_park'),
    await openMember('member_on_paper'),
  ];
  for (const page of [holder, waiter]) await page.goto(paths.benefit(String(benefit)));
  await choose(holder, session.id);
  await claimButton(holder, '预约').click();
  await badge(holder, '已约好').waitFor();
  await waiter.reload();
  await choose(waiter, session.id);
  await claimButton(waiter, '排队等候').click();
  await badge(waiter, '排队中').waitFor();
  await waiter.getByText('前面还有 0 人').waitFor();

  await holder.getByRole('button', { name: '取消预约' }).click();
  await holder.getByText('现在取消不受影响').waitFor();
  await holder.getByRole('button', { name: '确认取消' }).click();
  await badge(holder, '已取消').waitFor();

  await badge(waiter, '排到您了').waitFor();
  await waiter.getByRole('link', { name: /1 条新消息/ }).waitFor({ timeout: 40_000 });
  await waiter.goto(paths.inbox());
  await waiter.getByText(/^排到您了：全家福摄影预约 .*，请在 .* 前确认$/).waitFor();
  await waiter.getByRole('button', { name: '确认', exact: true }).click();
  await waiter.getByRole('button', { name: '确认', exact: true }).waitFor({ state: 'detached' });
  await waiter.goto(paths.claims());
  await badge(waiter, '已约好').waitFor();
});

test('a daughter signs her father up from her own phone, within his limits, and he is told', async () => {
  const benefit = await benefitCalled('Weekend hike');
  const page = await openMember('member_proxy');
  await page.goto(paths.benefit(String(benefit)));
  await page.getByRole('group', { name: '为谁' }).locator('label').nth(1).click();
  await claimButton(page, '报名').click();
  await badge(page, '已约好').waitFor();
  const [made] = await sql<{ told: number; state: string }[]>`
    select c.state, (
      select count(*)::int from claim_event e
      where e.cell = c.cell and e.claim_id = c.id and e.by = p.user_id
    ) as told
    from claim c
    join proxy p on p.cell = c.cell and p.member_id = c.member_id and p.user_id = c.made_by
    where c.benefit_id = ${benefit}`;
  expect(made).toEqual({ state: 'confirmed', told: 1 });
});
