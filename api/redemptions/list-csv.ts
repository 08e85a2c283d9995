import Papa from 'papaparse';
import type { Ctx } from '../context.ts';
import type { Named } from '../unions/named.ts';
import { listRedemptions, type RedemptionPage, type RedemptionView } from './list.ts';
import type { RedemptionFilter } from './list-filter.ts';

export type Language = 'zh-CN' | 'en';

const rowsAPage = 1000;

const heads = {
  'zh-CN': [
    '时间',
    '编号',
    '福利',
    '会籍区',
    '使用区',
    '商户',
    '门店',
    '数量',
    '单价（元）',
    '金额（元）',
    '状态',
    '撤销时间',
  ],
  en: [
    'Time',
    'Id',
    'Benefit',
    'Home district',
    'Host district',
    'Partner',
    'Outlet',
    'Quantity',
    'Price (yuan)',
    'Amount (yuan)',
    'State',
    'Reversed at',
  ],
};
const words = {
  'zh-CN': { shared: '共享配额', booked: '已核销', reversed: '已撤销' },
  en: { shared: 'Shared', booked: 'Booked', reversed: 'Reversed' },
};

/** What a spreadsheet would take for a formula, also in full width, gets an apostrophe before it. */
const formula = /^\s*[=+\-@\t\r＝＋－＠]/;

/**
 * Exactly what the filter selects as CSV with a byte order mark, a page of the list at a time and only as fast as it is
 * read; each page asks for the caller's authority anew. The first page is read before the answer begins, so that a refusal
 * is a problem document; a failure after that breaks the download off.
 */
export async function exportRedemptions(
  c: Ctx,
  filter: RedemptionFilter,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const first = await listRedemptions(c, filter, rowsAPage);
  let page: RedemptionPage | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const isFirst = page === undefined;
        page =
          page === undefined
            ? first
            : await listRedemptions(c, filter, rowsAPage, page.next ?? undefined);
        const rows = page.redemptions.map((row) => cells(row, language));
        const lines = csv(isFirst ? [heads[language], ...rows] : rows);
        controller.enqueue(encoder.encode(isFirst ? `\uFEFF${lines}` : lines));
        if (page.next === null) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function csv(rows: (string | number)[][]): string {
  if (rows.length === 0) return '';
  return `${Papa.unparse(rows, { newline: '\r\n', escapeFormulae: formula })}\r\n`;
}

function cells(row: RedemptionView, language: Language): (string | number)[] {
  const name = ({ nameZh, nameEn }: Named) => (language === 'en' ? nameEn : nameZh);
  const { benefit, homeDistrict, hostDistrict, partner, outlet, reversedAt } = row;
  const { shared, booked, reversed } = words[language];
  return [
    local(row.at),
    row.id,
    language === 'en' ? benefit.titleEn : benefit.titleZh,
    homeDistrict ? name(homeDistrict) : shared,
    name(hostDistrict),
    name(partner),
    name(outlet),
    row.quantity,
    yuan(row.priceFen),
    yuan(row.amountFen),
    reversedAt ? reversed : booked,
    reversedAt ? local(reversedAt) : '',
  ];
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

/** 2026-11-23 14:03:05 in Asia/Shanghai, which every spreadsheet reads as a time. */
function local(at: Date): string {
  return at.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' });
}
