import { beforeAll, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { openStand } from './stand.ts';

// Risk: who stands at a merchant's door is sent elsewhere than he wanted to, lets in nobody while there is room, or one twice.
const stand = await openStand();
let day = '';
let session = 0;
let member: MemberPhone;
let manager: CounterPhone;

/** A show at Jiuxianqiao in ten minutes, of the union's film, with room for two whom no claim brings. */
beforeAll(async () => {
  const { sql } = stand.database;
  const [show] = await sql<{ day: string; session: number }[]>`
    with b as (
      update benefit set claim_kind = 'slot', opens_minute = 0, closes_minute = 1440,
        weekdays = '{1,2,3,4,5,6,7}'
      where title_en = 'Union film ticket' returning id
    ),
    t as (
      insert into claim_terms (benefit_id, opens_at, closes_at, cancel_minutes, walk_ins)
      select id, clock() - interval '1 day', clock() + interval '1 day', 60, true from b
    )
    insert into session (benefit_id, title_zh, title_en, outlet_id, starts_at, ends_at, cap)
    select b.id, '晚场', 'Late show', o.id, clock() + interval '10 minutes',
      clock() + interval '130 minutes', 2
    from b, outlet o join partner p on p.id = o.partner_id
    where p.name_en = 'Huaixu Cinema' and o.name_en like '%Jiuxianqiao%'
    returning id as session, local_day(starts_at)::text as day`;
  if (!show) throw new Error('There is no show.');
  ({ day, session } = show);
  const { phones, site } = stand;
  member = await MemberPhone.open(phones, site.origin, 'member_senior');
  await member.enrol();
  manager = await CounterPhone.open(phones, site.origin, 'manager_cinema');
});

test('a manager who stands nowhere yet chooses where, and comes to the door he wanted', async () => {
  const { page } = manager;
  const wanted = paths.counterDoor({ on: day });
  await page.goto(wanted);
  await page.waitForURL('**/counter/outlet?**');
  const choices = page.getByRole('main').locator('ul button');
  expect(await choices.count()).toBeGreaterThan(1);
  await choices.filter({ hasText: '酒仙桥' }).click();
  await page.waitForURL(`**${wanted}`);
  await page.getByText('晚场').waitFor();
  // Also who only changes his mind about where.
  await page.getByRole('link', { name: '酒仙桥' }).click();
  await page.getByRole('main').locator('ul button').filter({ hasText: '酒仙桥' }).click();
  await page.waitForURL(`**${wanted}`);
  // A bookmark of somebody else's leads to nowhere but here.
  await page.goto(paths.counterOutlet('//evil.example'));
  await page.getByRole('main').locator('ul button').filter({ hasText: '酒仙桥' }).click();
  await page.waitForURL((url) => url.origin === stand.site.origin && url.pathname === '/');
});

test('whom no claim brings is let in by the scan that redeems, and the door page counts him', async () => {
  const { page } = manager;
  await page.goto(paths.counterDoor({ on: day }));
  await page.getByText('可现场入场 2 位').waitFor();
  await page.getByText('这一场还没有人预约').waitFor();
  await manager.start();
  await manager.wedge(await member.codeText());
  await manager.cover.getByText(/现场入场 · .*晚场.* · 余 2 位/).waitFor();
  await manager.confirm();
  await manager.title('核销成功').waitFor();
  await manager.next();
  await page.goto(paths.counterDoor({ on: day }));
  const row = page.getByRole('listitem').filter({ hasText: '陶＊ · 1 人' });
  await row.getByText(/已到$/).waitFor();
  await page.getByText('可现场入场 1 位').waitFor();
  const claims = await stand.database.sql`
    select state, quantity, used from claim where session_id = ${session}`;
  expect([...claims]).toEqual([{ state: 'used', quantity: 1, used: 1 }]);
  expect(manager.complaints).toEqual([]);
});
