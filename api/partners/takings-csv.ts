import type { Ctx } from '../context.ts';
import { csvStream, type Rows, sheetTime } from '../csv.ts';
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

/** Exactly what the filter selects, newest first, with a byte order mark; read only as fast as it is sent. */
export async function exportTakings(
  c: Ctx,
  partnerId: number,
  filter: TakingFilter,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  // A stranger is refused before the first byte.
  const first = await listTakings(c, partnerId, filter, rowsAPage);
  return csvStream(pagesOf(c, partnerId, filter, language, first));
}

async function* pagesOf(
  c: Ctx,
  partnerId: number,
  filter: TakingFilter,
  language: Language,
  first: Awaited<ReturnType<typeof listTakings>>,
): AsyncGenerator<Rows, void> {
  yield [heads[language]];
  for (let page = first; ;) {
    yield page.redemptions.map((row) => cells(row, language));
    if (page.next === null) return;
    page = await listTakings(c, partnerId, filter, rowsAPage, page.next);
  }
}

function cells(row: Taking, language: Language): (string | number)[] {
  const { booked, reversed, variance } = words[language];
  const standing = row.isVariance ? variance : booked;
  const isEnglish = language === 'en';
  return [
    sheetTime.format(row.at),
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
