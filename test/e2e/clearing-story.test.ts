import { describe, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { monthAgo } from '../support/clearing.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { CounterPhone } from './counter-phone.ts';
import { MemberPhone } from './member-phone.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: every part of the desk works by itself, and a district still cannot get paid for the film that it gave away.
const [first, second, third] = [monthAgo(2), monthAgo(1), monthAgo(0)] as const;
const stand = await openStand({ at: `${first.slice(0, 7)}-10T10:00:10+08:00` });
const { sql } = stand.database;

const [city, dongcheng, chaoyang] = ['北京市总工会', '东城区总工会', '朝阳区总工会'] as const;
const [film, cinema, ticket] = ['秋日观影', '槐序影城', '工会观影'] as const;

const desk = (key: string): Promise<Office> => Office.open(stand.phones, stand.site.origin, key);
const monthName = (month: string): string =>
  `${Number(month.slice(0, 4))}年${Number(month.slice(5, 7))}月`;

async function openBenefit({ page }: Office): Promise<void> {
  await page.goto(paths.consoleBenefits());
  await page.getByRole('link', { name: film, exact: true }).click();
  await page.getByRole('heading', { name: film, level: 1 }).waitFor();
}

async function addPlaces(office: Office, district: string, cap: number): Promise<void> {
  await office.page.getByRole('button', { name: '增加配额' }).click();
  await office.sheet.getByLabel('配额归属').selectOption({ label: district });
  await office.sheet.getByLabel('新上限').fill(String(cap));
  await office.give('首批名额', '保存');
}

/** The one statement of a month with both names in its row, on the screen. */
async function openStatement({ page }: Office, month: string, ...names: string[]): Promise<void> {
  await page.goto(paths.consoleStatements({ month }));
  let row = page.getByRole('main').locator('tbody tr');
  for (const name of names) row = row.filter({ hasText: name });
  await row.getByRole('link').click();
  await page.getByText('SHA-256：').waitFor();
}

async function closeMonth({ page }: Office, month: string): Promise<void> {
  await page.goto(paths.consoleStatements({ tab: 'periods' }));
  await page.getByRole('button', { name: '关账', exact: true }).click();
  const sheet = page.locator('dialog[open]');
  await sheet.getByText(`关闭${monthName(month)}`).waitFor();
  await sheet.getByRole('button', { name: '关账', exact: true }).click();
  await page.getByRole('link', { name: monthName(month), exact: true }).waitFor();
}

/** What is on the paper, which is one page of A4. */
async function printed({ page }: Office): Promise<string> {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page[^s]/g)).toHaveLength(1);
  const [, ...size] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf) ?? [];
  expect(size.map((points) => Math.round(Number(points)))).toEqual([595, 842]);
  await page.emulateMedia({ media: 'print' });
  const paper = await page.locator('article').innerText();
  await page.emulateMedia({ media: null });
  return paper;
}

describe('a film that the city and the cinema’s district pay by 1 : 2', () => {
  let clerk: Office;
  let member: MemberPhone;
  let counter: CounterPhone;

  /** To the next stage of the benefit that the clerk has open. */
  async function move(stage: string): Promise<void> {
    await clerk.page.getByRole('button', { name: stage, exact: true }).click();
    await clerk.give('按计划', stage);
  }

  async function typeCode(): Promise<void> {
    await counter.page.getByRole('button', { name: '输入短码' }).click();
    await counter.page.getByLabel('二维码下面的 16 位短码').fill(await member.shortCode());
    await counter.page.getByRole('button', { name: '查看福利' }).click();
  }

  test('is made with its rule and its places by month; what is above the threshold waits', async () => {
    clerk = await desk('city_administrator');
    const { page } = clerk;
    await page.goto(paths.consoleNewBenefit());
    await page.getByLabel('名称（中文）').fill(film);
    await page.getByLabel('名称（英文）').fill('Autumn film');
    await page.getByLabel('说明（中文）').fill('任选一场电影');
    await page.getByLabel('说明（英文）').fill('Any one film');
    await page.getByLabel('结算价（元）').fill('50');
    await page.getByLabel('原价（元）').fill('80');
    await page.getByLabel('开始日期').fill(first);
    await page.getByRole('group', { name: '名额周期' }).getByText('按月').click();
    for (const [i, payer] of ['市总工会', '商户总部所在区'].entries()) {
      await page.getByRole('button', { name: '增加一方' }).click();
      await page.getByLabel('付款方').nth(i).selectOption({ label: payer });
      await page
        .getByLabel('份数或金额')
        .nth(i)
        .fill(String(i + 1));
    }
    await page.getByText('例：¥50 的一次使用：市总工会 ¥16.67 · 商户总部所在区 ¥33.33').waitFor();
    await page.getByRole('button', { name: '创建' }).click();
    await clerk.sheet.getByLabel('原因').fill('跨区观影');
    await clerk.sheet.getByRole('button', { name: '创建', exact: true }).click();
    await page.getByRole('heading', { name: film, level: 1 }).waitFor();
    await addPlaces(clerk, '朝阳区', 100);
    await page.getByRole('img', { name: '朝阳区: 已用 0 · 剩余 100' }).waitFor();
    await addPlaces(clerk, '东城区', 1000);
    await page.getByText('已提交，等另一人确认').waitFor();
    expect(await page.getByRole('img', { name: /^东城区/ }).count()).toBe(0);
  });

  test('has its places when somebody else has confirmed them', async () => {
    const { page } = clerk;
    await page.goto(paths.consoleProposals());
    const waiting = (on: Office) =>
      on.page.getByRole('listitem').filter({ has: on.page.getByRole('link', { name: film }) });
    const own = waiting(clerk).getByRole('button', { name: '确认', exact: true });
    await own.waitFor();
    expect(await own.getAttribute('aria-disabled')).toBe('true');

    const other = await desk('city_finance');
    await other.page.goto(paths.consoleProposals());
    await waiting(other).getByText('¥50,000').waitFor();
    await waiting(other).getByText('东城区：1,000').waitFor();
    await waiting(other).getByRole('button', { name: '确认', exact: true }).click();
    await other.sheet.getByRole('button', { name: '确认', exact: true }).click();
    await other.page.getByText('没有等待确认的事项').waitFor();

    await openBenefit(clerk);
    await page.getByText('草稿', { exact: true }).waitFor();
    await page.getByRole('img', { name: '东城区: 已用 0 · 剩余 1,000' }).waitFor();
    await page.getByText('严承远 提出，黎静姝 确认').waitFor();
    await move('开始测试');
  });

  test('is admitted by the cinema’s district, tried at the counter, and opened', async () => {
    const district = await desk('chaoyang_administrator');
    const { page, sheet } = district;
    await openBenefit(district);
    await page.getByRole('button', { name: '增加商户' }).click();
    const offered = sheet.getByLabel('商户', { exact: true });
    const value = await offered.locator('option', { hasText: cinema }).getAttribute('value');
    await offered.selectOption(value);
    await sheet.getByLabel('每天上限').fill('20');
    await sheet.getByLabel('总上限').fill('100');
    await district.give('酒仙桥店参加', '增加商户');
    const row = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('link', { name: cinema }) });
    await row.getByText('待试核销', { exact: true }).waitFor();
    const open = row.getByRole('button', { name: '开通' });
    expect(await open.getAttribute('aria-disabled')).toBe('true');

    member = await MemberPhone.open(stand.phones, stand.site.origin, 'member_dongcheng');
    await member.enrol();
    counter = await CounterPhone.open(stand.phones, stand.site.origin, 'operator_cinema');
    await counter.page.goto(paths.counter());
    await counter.page.getByRole('button', { name: `试核销：${film}` }).click();
    await typeCode();
    await counter.title('测试通过，未核销').waitFor();
    expect(await counter.cover.textContent()).toContain('¥50');
    await counter.next();

    await page.reload();
    await row.getByText('试核销通过').waitFor();
    await open.click();
    await district.give('试核销通过', '开通');
    await row.getByText('使用中').waitFor();
  });

  test('is used by a member of Dongcheng, and so is the film that Dongcheng pays alone', async () => {
    await move('发布');
    for (const title of [film, ticket]) {
      await typeCode();
      await counter.cover.getByRole('radio', { name: title }).check();
      await counter.confirm();
      await counter.title('核销成功').waitFor();
      await counter.next();
      await moveClock(sql, '1 minute');
      await member.renew();
    }
    expect(counter.complaints).toEqual([]);
  });

  test('is owed to the cinema’s district when the month is closed, to the fen', async () => {
    await setClock(sql, `${second.slice(0, 7)}-02T10:00:10+08:00`);
    clerk = await desk('city_administrator');
    await closeMonth(clerk, first);
    await openStatement(clerk, first, city, chaoyang);
    await clerk.page.getByText(`${city}付给${chaoyang}`).first().waitFor();
    const paper = await printed(clerk);
    expect(paper).toContain(monthName(first));
    expect(paper).toMatch(new RegExp(`${city}应付${chaoyang}\\s+¥16\\.67`));
    expect(paper).toMatch(new RegExp(`${chaoyang}应付${city}\\s+¥0\\.00`));
    expect(paper).toContain('壹拾陆元陆角柒分');

    await openStatement(clerk, first, chaoyang, cinema);
    const lines = clerk.page.locator('tbody tr:has(button)');
    await lines.first().waitFor();
    const told = await lines.evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].slice(-2).map((cell) => cell.innerText)),
    );
    expect(told.sort()).toEqual([
      [dongcheng, '¥35'],
      [city, '¥16.67'],
      [chaoyang, '¥33.33'],
    ]);
  });

  test('can be disputed by who pays for it, and the other side’s yes lands in the next month', async () => {
    const raiser = await desk('dongcheng_finance');
    await openStatement(raiser, first, dongcheng, chaoyang);
    await raiser.page.getByRole('row').filter({ hasText: ticket }).getByRole('button').click();
    await raiser.sheet.getByRole('button', { name: '提出争议' }).click();
    const claim = raiser.page.locator('dialog[open]').filter({ hasText: '应为（元）' });
    await claim.getByLabel('应为（元）').fill('17.5');
    await claim.getByLabel('原因').fill('当天是半价场');
    await claim.getByRole('button', { name: '提出争议' }).click();
    await raiser.page.getByText('原为 ¥35，主张应为 ¥17.50').waitFor();
    await raiser.page.getByText('理由：当天是半价场').waitFor();

    const answerer = await desk('chaoyang_administrator');
    await openStatement(answerer, first, dongcheng, chaoyang);
    await answerer.page.getByRole('button', { name: '接受', exact: true }).click();
    await answerer.give('商户已确认', '接受');
    await answerer.page.getByText('更正为 ¥17.50').waitFor();
    await answerer.page.getByRole('row').filter({ hasText: ticket }).getByText('已接受').waitFor();
    const closed = await printed(answerer);
    expect(closed).toContain('共 1 项，未决 0 项');
    expect(closed).toMatch(new RegExp(`${dongcheng}应付${chaoyang}\\s+¥35\\.00`));

    await setClock(sql, `${third.slice(0, 7)}-02T10:00:10+08:00`);
    clerk = await desk('city_administrator');
    await closeMonth(clerk, second);
    await openStatement(clerk, second, dongcheng, chaoyang);
    await clerk.page.getByRole('row').filter({ hasText: ticket }).getByText('调整').waitFor();
    const paper = await printed(clerk);
    expect(paper).toMatch(new RegExp(`${dongcheng}应付${chaoyang}\\s+-¥17\\.50`));
    expect(paper).toMatch(new RegExp(`${chaoyang}付给${dongcheng}\\s+¥17\\.50`));
    expect(paper).toContain('壹拾柒元伍角');
  });

  test('leaves accounts that agree and positions that sum to zero', async () => {
    expect(await sql`select * from consistency()`).toEqual([]);
    const positions = await sql`
      select u.name_zh as name, sum(x.fen)::int as fen
      from statement s
        cross join lateral (values (s.union_id, s.credit_fen - s.debit_fen),
          (s.other_id, s.debit_fen - s.credit_fen)) as x (union_id, fen)
        join trade_union u on u.id = x.union_id
      where s.kind = 'pair'
      group by u.id order by u.id`;
    expect(positions).toEqual([
      { name: city, fen: -1667 },
      { name: dongcheng, fen: -1750 },
      { name: chaoyang, fen: 3417 },
    ]);
    for (const month of [first, second])
      expect(await sql`select * from statement_findings(${month}::date)`).toEqual([]);
  });
});
