// Risk: a list of leavers is read wrongly: a row more or less, a day to come taken for today, a workbook for a text.
import { writeXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { readLeavers } from '#lib/members/leaver-file.ts';
import { gb18030 } from '../support/roster.ts';

const rows = [
  ['2026 年 1 月离会名单'],
  ['序号', '姓名', '手机号（必填）', '离会原因', '离会日期'],
  ['1', '甲', '13800138000', '退休', '2026年1月31日'],
  ['2', '乙', '13900139000', '', '20991231'],
  ['3', '丙', '', '退休', ''],
  [],
  ['5', '丁', '13700137000', '退休', '2026-02-30'],
];
const expected = [
  { row: 3, leaver: { person: { phone: '13800138000' }, reason: '退休', on: '2026-01-31' } },
  { row: 4, leaver: { person: { phone: '13900139000' }, reason: '离会', on: '2099-12-31' } },
  { row: 5, leaver: null, fault: 'identity' },
  { row: 7, leaver: null, fault: 'day' },
];
const csv = rows.map((cells) => cells.join(',')).join('\r\n');

test.each([
  ['UTF-8', new TextEncoder().encode(csv)],
  ['UTF-8 with a mark', new TextEncoder().encode(`\uFEFF${csv}`)],
  ['GB18030', gb18030(csv)],
  ['XLSX', await writeXlsx({ sheets: [{ name: '离会', rows }] })],
])('a list in %s says who leaves, why and when, and which lines say nothing', async (_, bytes) => {
  const file = new File([new Uint8Array(bytes)], '离会');
  expect(await readLeavers(file, '离会')).toEqual(expected);
});

test('a table without a number, and what is none at all, name nobody', async () => {
  const bytes = await writeXlsx({ sheets: [{ name: 'x', rows }] });
  for (const content of ['姓名,工号\n甲,1', '', bytes.slice(0, bytes.length >> 1)])
    expect(await readLeavers(new File([content as BlobPart], 'x'), '')).toBe(undefined);
});
