import Papa from 'papaparse';
import type { Cursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { listTakings, type Taking, type TakingFilter } from './takings.ts';

export type Language = 'zh-CN' | 'en';

const rowsAPage = 1000;

const heads = {
  'zh-CN': [
    '时间',
    '编号',
    '福利',
    '门店',
    '数量',
    '单价（元）',
    '工会应付（元）',
    '会员自付（元）',
    '状态',
  ],
  en: [
    'Time',
    'Id',
    'Benefit',
    'Outlet',
    'Quantity',
    'Price (yuan)',
    'Owed by unions (yuan)',
    'Paid by the member (yuan)',
    'State',
  ],
};
const words = {
  'zh-CN': { booked: '已核销', reversed: '已撤销', variance: '离线多用' },
  en: { booked: 'Booked', reversed: 'Reversed', variance: 'Offline, too many' },
};

const local = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** What a spreadsheet would take for a formula, also in full width, gets an apostrophe before it. */
const formula = /^\s*[=+\-@\t\r＝＋－＠]/;

/** Exactly what the filter selects, newest first, with a byte order mark; read only as fast as it is sent. */
export async function exportTakings(
  c: Ctx,
  partnerId: number,
  filter: TakingFilter,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const pages = pagesOf(c, partnerId, filter);
  // A stranger is refused before the first byte.
  const first = await pages.next();
  let isFirst = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(`\uFEFF${csv([heads[language]])}`));
      },
      async pull(controller) {
        const { done, value } = isFirst ? first : await pages.next();
        isFirst = false;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(csv(value.map((row) => cells(row, language)))));
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Pages that hold something; `pull` may not come back with nothing. */
async function* pagesOf(
  c: Ctx,
  partnerId: number,
  filter: TakingFilter,
): AsyncGenerator<Taking[], void> {
  let after: Cursor | undefined;
  do {
    const page = await listTakings(c, partnerId, filter, rowsAPage, after);
    if (page.redemptions.length > 0) yield page.redemptions;
    after = page.next ?? undefined;
  } while (after);
}

function csv(rows: (string | number)[][]): string {
  return `${Papa.unparse(rows, { newline: '\r\n', escapeFormulae: formula })}\r\n`;
}

function cells(row: Taking, language: Language): (string | number)[] {
  const { booked, reversed, variance } = words[language];
  const standing = row.isVariance ? variance : booked;
  const isEnglish = language === 'en';
  return [
    local.format(row.at),
    row.id,
    isEnglish ? row.benefit.titleEn : row.benefit.titleZh,
    isEnglish ? row.outlet.nameEn : row.outlet.nameZh,
    row.quantity,
    yuan(row.priceFen),
    yuan(row.owedFen),
    yuan(row.coPaymentFen),
    row.reversedAt ? reversed : standing,
  ];
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
