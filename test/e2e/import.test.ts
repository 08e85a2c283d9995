// Risk: a large file of a real office — another encoding, faults in it, a closed tab — stops half way or cannot be undone.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { complaints } from '../support/browser.ts';
import { gb18030, idNumberOf } from '../support/roster.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

const rows = 100_000;
const stand = await openStand();
const { sql } = stand.database;

const members = async (): Promise<number> => {
  const [row] = await sql<
    { count: number }[]
  >`select count(*)::int as count from affiliation where ended_at is null`;
  return row?.count ?? 0;
};

test(
  'a file of 100,000 rows goes in past a closed tab, and out again',
  { timeout: 180_000 },
  async () => {
    const [unit] = await sql<{ name: string }[]>`
      select name_zh as name from trade_union where level = 4 group by name_zh having count(*) = 1 limit 1`;
    const bytes = gb18030(fileOf(unit?.name ?? ''));
    const before = await members();
    const office = await Office.open(stand.phones, stand.site.origin, 'city_administrator');
    let { page } = office;
    const heard = complaints(page);
    await page.goto(paths.consoleMembers({ view: 'import' }));
    const file = { name: '全市会员.csv', mimeType: 'text/csv', buffer: Buffer.from(bytes) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('heading', { name: '每一列是什么？' }).waitFor();
    // Guessed by its title; the one that was not is put right by hand.
    expect(await page.getByLabel('联系方式').inputValue()).toBe('');
    await page.getByLabel('联系方式').selectOption({ label: '手机号' });
    await page.getByText('会员0', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: '预检，不写入' }).click();
    await page.getByRole('heading', { name: '正在预检' }).waitFor();
    const address = page.url();
    await page.close();

    page = await office.context.newPage();
    await page.goto(address);
    await page.getByRole('heading', { name: '预检完成' }).waitFor({ timeout: 60_000 });
    await page.getByText('身份证号校验位不符').first().waitFor();
    await page.getByText('本工会之下没有这个单位工会').first().waitFor();
    expect(await members()).toBe(before);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: '下载未导入的行' }).click();
    expect((await download).suggestedFilename()).toBe('rejected.csv');
    await page.getByRole('button', { name: /^导入 99,997 人/ }).click();
    await page.getByRole('heading', { name: '正在导入' }).waitFor();
    await page.close();

    page = await office.context.newPage();
    await page.goto(address);
    await page.getByRole('heading', { name: '已导入' }).waitFor({ timeout: 60_000 });
    expect(await members()).toBe(before + rows - 3);
    await page.getByRole('button', { name: '撤销导入' }).click();
    await page.locator('dialog[open]').getByLabel('原因').fill('选错了文件');
    await page.locator('dialog[open]').getByRole('button', { name: '撤销导入' }).click();
    await page.getByRole('heading', { name: '已撤销' }).waitFor({ timeout: 60_000 });
    expect(await members()).toBe(before);

    // The desk begins anew, and the tab does not lead back to the one that is over.
    await page.getByRole('link', { name: '导入另一个文件' }).click();
    await page.getByRole('heading', { name: '最近的导入' }).waitFor();
    expect(new URL(page.url()).searchParams.get('import')).toBe(null);
    await page.getByRole('button', { name: /全市会员\.csv/ }).click();
    await page.getByRole('heading', { name: '已撤销' }).waitFor();
    await page.getByRole('link', { name: '导入', exact: true }).click();
    await page.getByRole('heading', { name: '最近的导入' }).waitFor();

    // For a member without a phone a clerk shows the code himself.
    await page.goto(paths.consoleMembers());
    const names = page.locator('tbody button');
    await names.first().waitFor();
    const [one] = await sql<{ name: string }[]>`
      select m.name from member m
      where m.name = any(${await names.allInnerTexts()})
      group by m.name
      having not bool_or(exists (
        select from card c where c.cell = m.cell and c.member_id = m.id and c.status = 'live'))
      limit 1`;
    await page
      .getByRole('button', { name: one?.name ?? '', exact: true })
      .first()
      .click();
    await page.locator('dialog[open]').getByRole('button', { name: '替会员办理' }).click();
    const sheet = page.locator('dialog[open]').last();
    await sheet.getByLabel('原因').fill('没有手机');
    await sheet.getByRole('button', { name: '替会员办理' }).click();
    await page.waitForURL(/view=mandates/);
    await page.getByText('工会工作人员').first().waitFor();
    expect(heard).toEqual([]);
    await office.context.close();
  },
);

/** Three rows of it are wrong. */
function fileOf(unit: string): string {
  const lines = ['姓名,联系方式,身份证号,单位工会'];
  const start = randomInt(1e7);
  for (let i = 0; i < rows; i++) {
    const id =
      i % 10 === 0
        ? idNumberOf(
            i / 10,
            `19${70 + (i % 30)}0${1 + (i % 9)}15`,
            `65${9000 + Math.floor(i / 10_000)}`,
          )
        : '';
    lines.push(`会员${i},166${String(start + i).padStart(8, '0')},${id},${unit}`);
  }
  lines[500] = `错一,,11010119900501001${idNumberOf(1).endsWith('1') ? '2' : '1'},${unit}`;
  lines[50_000] = `错二,16600000000,,没有的工会`;
  lines[99_999] = `错三,123,,${unit}`;
  return `${lines.join('\r\n')}\r\n`;
}
