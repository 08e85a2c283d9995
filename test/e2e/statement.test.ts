import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { faultsOf } from '../support/access.ts';
import { Office } from './office.ts';
import { openStand } from './stand.ts';

// Risk: a month cannot be settled at the desk, or what is printed for the stamps does not fit its page.
const stand = await openStand();
const { sql } = stand.database;

/** How many pages a PDF has, and how large the first one is, in points. */
function pagesOf(pdf: Buffer): { count: number; size: string } {
  const text = pdf.toString('latin1');
  const [, width = '', height = ''] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(text) ?? [];
  return {
    count: (text.match(/\/Type\s*\/Page[^s]/g) ?? []).length,
    size: `${Math.round(Number(width))} × ${Math.round(Number(height))}`,
  };
}

describe('a statement', () => {
  let page: Page;
  let month: string;

  beforeAll(async () => {
    ({ page } = await Office.open(stand.phones, stand.site.origin, 'city_administrator'));
    const [row] = await sql<{ month: string }[]>`
      select (date_trunc('month', clock() at time zone 'Asia/Shanghai') - interval '1 month')::date::text as month`;
    month = row?.month ?? '';
  });

  test('comes of closing the month that is over', async () => {
    await page.goto(paths.consoleStatements({ tab: 'periods' }));
    await page.getByRole('button', { name: '关账', exact: true }).click();
    await page.locator('dialog[open]').getByRole('button', { name: '关账', exact: true }).click();
    const name = `${Number(month.slice(0, 4))}年${Number(month.slice(5, 7))}月`;
    await page.getByRole('link', { name, exact: true }).waitFor();
    expect(await sql`select * from statement_findings(${month}::date)`).toEqual([]);
  });

  test.each(['pair', 'partner'])('of a %s prints on one page of A4', async (kind) => {
    const [found] = await sql<{ id: number }[]>`
      select id from statement where month = ${month} and kind = ${kind} order by lines desc, id limit 1`;
    await page.goto(paths.consoleStatement(found?.id ?? 0));
    await page.getByText('SHA-256：').waitFor();
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pagesOf(pdf)).toEqual({ count: 1, size: '595 × 842' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('article').innerText()).toMatch(/人民币.+[整分]/);
    await page.emulateMedia({ media: null });
    expect(await faultsOf(page)).toEqual([]);
  });

  test('tells who has money to move that a line is disputed, and takes the answer', async () => {
    const [open] = await sql<{ id: number; statement: number }[]>`
      select id, statement_id as statement from dispute where state = 'open' order by id limit 1`;
    await page.goto(paths.consoleStatement(open?.statement ?? 0));
    await page.getByRole('button', { name: '拒绝', exact: true }).click();
    const sheet = page.locator('dialog[open]');
    await sheet.getByLabel('原因').fill('商户有小票');
    await sheet.getByRole('button', { name: '拒绝', exact: true }).click();
    await page.getByText('答复：商户有小票').waitFor();
    const [now] = await sql`select state, answer from dispute where id = ${open?.id ?? 0}`;
    expect(now).toEqual({ state: 'declined', answer: '商户有小票' });
  });
});
