import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: a room or an offer is right in every table, and two firms stand before one door, or a member without his code.
const stand = await openStand();
const { sql } = stand.database;

afterAll(async () => expect(await sql`select * from consistency()`).toEqual([]));

/** A benefit of the union that this office runs, published. */
async function publish(office: Office, union: number, more: object): Promise<number> {
  const { origin } = stand.site;
  const [days] = await sql<{ from: Date; to: Date }[]>`
    select clock() - interval '1 day' as "from", clock() + interval '200 days' as "to"`;
  const answer = await office.context.request.post(`/api/unions/${union}/benefits`, {
    headers: { Origin: origin },
    data: {
      ...{ kind: 'gym', summaryZh: '试一试', summaryEn: 'Try', priceFen: 0, faceValueFen: 0 },
      ...{ startsAt: days?.from.toISOString(), endsAt: days?.to.toISOString() },
      ...{ weekdays: [1, 2, 3, 4, 5, 6, 7], opensMinute: 0, closesMinute: 1440, audience: {} },
      ...{ validDistricts: null, quantityMax: 1, limitCount: 20, limitPeriod: 'month', cap: null },
      ...{ reason: '新增', ...more },
    },
  });
  const { id } = (await answer.json()) as { id: number };
  return id;
}

describe('a room that neighbours share', () => {
  let owner: Office;
  let one: Page;
  let neighbour: Page;
  let room: number;

  beforeAll(async () => {
    const { phones, site } = stand;
    [one, neighbour] = (await Promise.all(
      ['member_jiuxianqiao', 'member_senior'].map(async (key) => {
        const { page } = await MemberPhone.open(phones, site.origin, key);
        return page;
      }),
    )) as [Page, Page];
    // Two firms of one street, and a third one whose room it is.
    const found = await sql<{ id: number; name: string }[]>`
      with street as (select id from trade_union where name_en = 'Jiuxianqiao Street Union'),
      made as (
        insert into trade_union (parent_id, kind, level, name_zh, name_en)
        select id, 'enterprise', 4, name, name from street, unnest(array['桥边公司', '场地公司']) name
        returning id, name_zh as name
      )
      select id, name from made order by name desc`;
    const idOf = (name: string) => found.find((firm) => firm.name === name)?.id ?? 0;
    const session = await neighbour.context().request.get('/api/session');
    const { user } = (await session.json()) as { user: { id: string } };
    await sql`
      update affiliation a set union_id = ${idOf('桥边公司')}
      from member m
      where m.user_id = ${user.id} and m.cell = a.cell and m.id = a.member_id and a.ended_at is null`;
    owner = await Office.open(phones, site.origin, 'jiuxianqiao_administrator');
    room = await publish(owner, idOf('场地公司'), {
      ...{ titleZh: '场地公司羽毛球馆', titleEn: 'A badminton hall' },
      ...{ opensMinute: 540, closesMinute: 1260 },
    });
  });

  test('its owner shares it with the street', async () => {
    const { page } = owner;
    await page.goto(paths.consoleBenefit(String(room)));
    await page.getByRole('button', { name: '作为活动室共享' }).click();
    await owner.sheet.getByLabel('地点（中文）').fill('二号楼羽毛球馆');
    await owner.sheet.getByLabel('地点（英文）').fill('Hall 2');
    await owner.sheet.getByLabel('共享给').selectOption({ label: '酒仙桥街道总工会 的全部会员' });
    await owner.give('共享给邻居', '保存');
    // What is asked for and by which rules stands in one place.
    await page.waitForURL(new RegExp(`${paths.consoleClaims(String(room))}$`));
    await page.getByText('没有待审核的申请。').waitFor();
    await page.getByText('二号楼羽毛球馆', { exact: true }).waitFor();
  });

  /** Opens next week, which is whole, and fills in what is asked. */
  async function prepare(page: Page): Promise<void> {
    await page.goto(paths.benefit(String(room)));
    await page.getByRole('button', { name: '后一周' }).click();
    await page.getByRole('button', { name: '前一周' }).waitFor();
    await page.getByLabel('人数').fill('8');
    await page.getByLabel('用途').fill('羽毛球');
  }
  const send = (page: Page) => page.getByRole('button', { name: '申请这个时间' }).click();

  test('one firm has it, the other hears that it is taken, and gets the time after', async () => {
    await Promise.all([prepare(one), prepare(neighbour)]);
    await send(one);
    await one.getByText('申请已提交').waitFor();
    await send(neighbour);
    await neighbour.getByText('这个时间已经有人用了，请换一个时间。').waitFor();
    await send(neighbour);
    await neighbour.getByText('申请已提交').waitFor();
    const held = await sql`
      select from session where benefit_id = ${room} and cancelled_at is null`;
    expect(held).toHaveLength(2);
  });

  test('the owner sees who asks, says yes to one and no to the other, and both are told', async () => {
    const { page } = owner;
    await page.reload();
    const requests = page.locator('section', { hasText: '待审核的申请' });
    await requests.getByText('柏＊').waitFor();
    expect(await requests.textContent()).not.toContain('柏松');
    await requests.getByRole('button', { name: /^同意/ }).first().click();
    await requests.getByRole('button', { name: /^同意/ }).nth(1).waitFor({ state: 'detached' });
    await requests.getByRole('button', { name: /^不同意/ }).click();
    await owner.give('当天维修', '不同意');
    await page.getByText('没有待审核的申请。').waitFor();
    await one.reload();
    await one.locator('[data-claim]').getByText('已约好').waitFor();
    await neighbour.goto(paths.inbox());
    await neighbour.getByText('当天维修').first().waitFor();
  });

  test('and writes down that nobody came, which the one who asked reads', async () => {
    const { page } = owner;
    await sql`
      update session set starts_at = clock() - interval '2 minutes', ends_at = clock() - interval '1 minute'
      where benefit_id = ${room} and cancelled_at is null`;
    await page.reload();
    await page.getByRole('button', { name: /没有来$/ }).click();
    await owner.give('门一直锁着', '没有来');
    await page.getByText('未到场', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: /没有来$/ }).count()).toBe(0);
    await one.goto(paths.inbox());
    await one.getByText('门一直锁着').first().waitFor();
  });
});

describe('an offer for members', () => {
  let office: Office;
  let member: MemberPhone;
  const codes = ['HEGU-2026-0001', 'HEGU-2026-0002'];

  beforeAll(async () => {
    const { phones, site } = stand;
    office = await Office.open(phones, site.origin, 'city_administrator');
    member = await MemberPhone.open(phones, site.origin, 'member_dongcheng');
    await member.enrol();
  });

  async function openOffer(titleZh: string, kind: string): Promise<number> {
    const [city] = await sql<{ id: number }[]>`select id from trade_union where level = 1`;
    const offer = await publish(office, city?.id ?? 0, {
      ...{ kind, titleZh, titleEn: 'An offer', priceFen: 4000, faceValueFen: 6000 },
      ...{ funding: [{ payer: 'co_payment', parts: 1 }] },
    });
    const headers = { Origin: stand.site.origin };
    const [days] = await sql<{ to: Date }[]>`
      select ends_at as "to" from benefit where id = ${offer}`;
    const terms = await office.context.request.put(`/api/benefits/${offer}/claim-terms`, {
      headers,
      data: {
        ...{ kind: 'offer', opensAt: '2026-01-01T00:00:00Z', closesAt: days?.to.toISOString() },
        ...{ holdMinutes: null, cancelMinutes: 0, hasWaitList: false, answerMinutes: 60 },
        ...{ needsApproval: false, doorMinutes: 60, walkIns: false, questions: [] },
        ...{ lateCancelWeight: 0, noShowWeight: 0, version: 0, reason: '设定' },
      },
    });
    expect(terms.status()).toBe(200);
    return offer;
  }

  test('with codes: the union pastes them, the member has his own at once', async () => {
    const offer = await openOffer('草莓券码', 'family');
    const { page } = office;
    await page.goto(paths.consoleBenefit(String(offer)));
    await page.getByRole('button', { name: '补充券码' }).click();
    await office.sheet.getByLabel('券码，每行一个').fill([...codes, codes[0], '坏的'].join('\n'));
    await office.sheet.getByText('2 个可用，1 个重复，1 个格式不对').waitFor();
    await office.sheet.getByLabel('原因').fill('第一批');
    await office.sheet.getByRole('button', { name: '补充券码', exact: true }).click();
    await page.getByText('共 2 个，还剩 2 个没发出。总数随券码增加。').waitFor();

    await member.page.goto(paths.benefit(String(offer)));
    await member.page.getByText('还剩 2 份').waitFor();
    await member.page.locator('button[aria-disabled="false"]').filter({ hasText: '领取' }).click();
    const claim = member.page.locator('[data-claim]');
    await claim.getByText(codes[0] ?? '', { exact: true }).waitFor();
    expect(await claim.getByText(codes[1] ?? '').count()).toBe(0);
    expect(await claim.getByRole('button', { name: '取消' }).count()).toBe(0);
    await claim.getByRole('button', { name: '二维码' }).click();
    await claim.getByRole('img', { name: `券码 ${codes[0]} 的二维码` }).waitFor();
    await page.reload();
    await page.getByText('共 2 个，还剩 1 个没发出。总数随券码增加。').waitFor();
  });

  test('with the card: claimed on the phone, scanned at the counter, counted for who makes it', async () => {
    const offer = await openOffer('影院小食', 'cinema');
    const headers = { Origin: stand.site.origin };
    const places = await office.context.request.put(`/api/benefits/${offer}/allocations/shared`, {
      headers,
      data: { cap: 50, reason: '投放' },
    });
    expect(places.status()).toBe(200);
    await sql`
      insert into benefit_partner (benefit_id, partner_id)
      select ${offer}, id from partner where name_en = 'Huaixu Cinema'`;
    await member.page.goto(paths.benefit(String(offer)));
    await member.page.locator('button[aria-disabled="false"]').filter({ hasText: '领取' }).click();
    await member.page.locator('[data-claim]').waitFor();

    const counter = await CounterPhone.open(stand.phones, stand.site.origin, 'operator_cinema');
    await counter.start();
    await counter.wedge(await member.codeText());
    await counter.title('许＊').waitFor();
    await counter.cover.getByText('影院小食').first().click();
    await counter.confirm();
    await counter.title('核销成功').waitFor();

    await office.page.goto(paths.consoleBenefit(String(offer)));
    const usage = office.page.locator('section', { hasText: '使用情况' });
    await usage.getByText('¥20', { exact: true }).waitFor();
    expect(await usage.locator('dd').allTextContents()).toEqual(['50', '1', '1', '¥20']);
  });
});
