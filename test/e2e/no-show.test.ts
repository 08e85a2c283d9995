import { beforeAll, expect, test } from 'vitest';
import { idIn } from '../support/city.ts';
import { paths } from '../../web/src/lib/paths.ts';
import { moveClock } from '../support/clock.ts';
import { type Booklet, shownOf } from '../support/counter.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: who did not come goes free, who came is punished, or a branch cannot put it right.
const stand = await openStand();

type Hike = { benefit: number; session: number; next: number };
let hike: Hike;
const phones = {} as Record<'absent' | 'came' | 'walkIn', MemberPhone>;

/** A hike of the city's in ten minutes, for three; and one of next month, which opens as the first one is over. */
beforeAll(async () => {
  const { sql } = stand.database;
  const [made] = await sql<Hike[]>`
    with b as (
      update benefit set opens_minute = 0, closes_minute = 1440, weekdays = '{1,2,3,4,5,6,7}',
        limit_count = 20, ends_at = greatest(ends_at, clock() + interval '60 days')
      where title_en = 'Weekend hike' returning id
    ),
    s as (
      insert into session (benefit_id, title_zh, title_en, starts_at, ends_at, cap)
      select id, '今日加场', 'Today’s extra', clock() + interval '10 minutes',
        clock() + interval '130 minutes', 3
      from b returning benefit_id, id
    ),
    n as (
      insert into session (benefit_id, title_zh, title_en, starts_at, ends_at, cap)
      select id, '下一场', 'The next', clock() + interval '2 days', clock() + interval '50 hours', 9
      from b returning id
    )
    select s.benefit_id as benefit, s.id as session, n.id as next from s, n`;
  if (!made) throw new Error('There is no hike.');
  hike = made;
  for (const [who, key] of [
    ['absent', 'member_dongcheng'],
    ['came', 'member_jiuxianqiao'],
    ['walkIn', 'member_senior'],
  ] as const) {
    phones[who] = await MemberPhone.open(stand.phones, stand.site.origin, key);
    await phones[who].enrol();
  }
});

/** `made`, or what the member's phone hears instead. */
async function claim({ context }: MemberPhone, name: string, session: number): Promise<string> {
  const [member] = await stand.database.sql<{ cell: number }[]>`
    select cell from member where name = ${name} and user_id is not null`;
  const answer = await context.request.put(`/api/claims/${idIn(member?.cell ?? 0)}`, {
    data: { benefit: hike.benefit, session },
    headers: { Origin: stand.site.origin },
  });
  const { code = 'made' } = (await answer.json()) as { code?: string };
  return code;
}

test('a no-show delays the next opening, and the branch lifts it with a reason', async () => {
  const { database, site } = stand;
  const { absent, came, walkIn } = phones;
  expect(await claim(absent, '许知禾', hike.session)).toBe('made');
  expect(await claim(came, '柏予舟', hike.session)).toBe('made');

  const door = await Office.open(stand.phones, site.origin, 'city_administrator');
  await door.page.goto(`/console/sessions/${hike.session}`);
  await door.page.getByText('0 / 2 人已到').waitFor();
  const greeting = door.page.locator('[data-greeting]');
  const show = async (phone: MemberPhone) => {
    const answer = await phone.context.request.get('/api/me/passes');
    await door.page.keyboard.type(shownOf((await answer.json()) as Booklet).url);
    await door.page.keyboard.press('Enter');
  };
  await show(came);
  await expect.poll(() => greeting.innerText()).toMatch(/已签到\s+柏＊ · 1 人/);
  await door.page.getByText('1 / 2 人已到').waitFor();
  await show(came);
  await expect.poll(() => greeting.innerText()).toMatch(/已经在场/);
  // Who has not claimed is let in while there is room, and is no no-show either.
  await show(walkIn);
  await expect.poll(() => greeting.innerText()).toMatch(/没有预约这一场[^]*还有 1 个名额/);
  await door.page.getByRole('button', { name: '现场入场' }).click();
  await expect.poll(() => greeting.innerText()).toMatch(/已入场\s+陶＊ · 1 人/);
  await door.page.getByText('2 / 3 人已到').waitFor();

  await moveClock(database.sql, '4 hours 11 minutes');
  await database.sql`select finish_sessions()`;
  // The union reads how full it was, and who came.
  await door.page.goto(`/console/benefits/${hike.benefit}/claims`);
  await door.page.getByRole('button', { name: /^已过去的/ }).click();
  const sitting = door.page.getByRole('listitem').filter({ hasText: '今日加场' }).first();
  await expect.poll(() => sitting.innerText()).toMatch(/3 \/ 3 · 满座率 100%\s+到场 2，未到 1/);
  await database.sql`
    update claim_terms set opens_at = clock() - interval '1 minute'
    where benefit_id = ${hike.benefit}`;
  expect(await claim(absent, '许知禾', hike.next)).toBe('claims_not_open');
  expect(await claim(came, '柏予舟', hike.next)).toBe('made');
  // He reads why and from when, where he would claim; who came reads nothing of the kind.
  const notice = ({ page }: MemberPhone) => page.getByText(/因为以前晚取消或未到场/);
  const read = async (phone: MemberPhone) => {
    await phone.page.goto(paths.benefit(String(hike.benefit)));
    await phone.page.getByRole('heading', { name: '我要报名' }).waitFor();
  };
  await read(absent);
  const own = await absent.context.request.get(`/api/benefits/${hike.benefit}/claims`);
  const { people } = (await own.json()) as { people: [{ opensAt: string }] };
  const [{ minute }] = await database.sql<[{ minute: string }]>`
    select to_char(${people[0].opensAt}::timestamptz at time zone 'Asia/Shanghai', 'HH24:MI')
      as minute`;
  await expect
    .poll(() => notice(absent).innerText())
    .toMatch(new RegExp(`您从 .*${minute} 起才能申领`));
  await read(came);
  expect(await notice(came).count()).toBe(0);

  const branch = await Office.open(stand.phones, site.origin, 'dongcheng_administrator');
  await branch.page.goto('/console/members?view=marks');
  const mark = branch.page.getByRole('listitem').filter({ hasText: '许知禾' });
  await mark.getByText('约了没来').waitFor();
  await mark.getByRole('button', { name: /^撤销 ?许知禾/ }).click();
  await branch.give('家人住院', '撤销');
  await mark.waitFor({ state: 'detached' });
  await branch.page.getByText('已过期或已撤销').click();
  await mark.getByText('家人住院').waitFor();
  await read(absent);
  expect(await notice(absent).count()).toBe(0);
  expect(await claim(absent, '许知禾', hike.next)).toBe('made');
});

test('a clerk claims for a member without a phone, and reads in place what each one got', async () => {
  const { sql } = stand.database;
  const [before] = await sql<{ count: number }[]>`
    select count(*)::int as count from claim where session_id = ${hike.next}`;
  const { page } = await Office.open(stand.phones, stand.site.origin, 'city_administrator');
  await page.goto('/console/members?view=claims');
  await page
    .getByRole('combobox', { name: '福利', exact: true })
    .selectOption({ label: '周末徒步' });
  await page
    .getByRole('combobox', { name: '场次' })
    .selectOption({ label: await optionOf('下一场') });
  await page.getByLabel('手机号、身份证号或姓名').fill('谷秋生\n13800000000\n12345');
  await page.getByRole('button', { name: '查找会员' }).click();
  const line = (text: string) => page.getByRole('listitem').filter({ hasText: text });
  await line('谷秋生').getByText('可申领').waitFor();
  await line('13800000000').getByText('本会没有这位会员').waitFor();
  await line('12345').getByText('号码不对').waitFor();
  await page.getByRole('button', { name: '为 1 位会员申领' }).click();
  await line('谷秋生').getByText('已申领').waitFor();
  await page.getByText('1 位已申领，0 位在排队，0 位未成').waitFor();
  const [after] = await sql<{ count: number }[]>`
    select count(*)::int as count from claim where session_id = ${hike.next}`;
  expect(after?.count).toBe((before?.count ?? 0) + 1);

  async function optionOf(title: string): Promise<string> {
    const options = await page
      .getByRole('combobox', { name: '场次' })
      .locator('option')
      .allInnerTexts();
    return options.find((one) => one.startsWith(title)) ?? '';
  }
});
