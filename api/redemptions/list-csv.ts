import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { csvStream, type Rows, sheetTime } from '../csv.ts';
import type { Cursor } from '../cursor.ts';
import type { Named } from '../unions/named.ts';
import { requireOffice } from '../unions/office.ts';
import { listRedemptions, type RedemptionView } from './list.ts';
import type { RedemptionFilter } from './list-filter.ts';

export type Language = 'zh-CN' | 'en';

const rowsAPage = 1000;

const heads = {
  'zh-CN': [
    '时间',
    '编号',
    '福利',
    '会员所属区',
    '名额',
    '使用地区',
    '商户',
    '门店',
    '数量',
    '单价（元）',
    '金额（元）',
    '状态',
    '撤销时间',
    '出示方式',
  ],
  en: [
    'Time',
    'Id',
    'Benefit',
    'Home district',
    'Places',
    'Host district',
    'Partner',
    'Outlet',
    'Quantity',
    'Price (yuan)',
    'Amount (yuan)',
    'State',
    'Reversed at',
    'Shown by',
  ],
};
const words = {
  'zh-CN': {
    unknown: '不详',
    home: '本区',
    shared: '共享',
    booked: '已核销',
    reversed: '已撤销',
    variance: '离线多用',
  },
  en: {
    unknown: 'Not known',
    home: 'Home district',
    shared: 'Shared',
    booked: 'Booked',
    reversed: 'Reversed',
    variance: 'Offline, too many',
  },
};

const cards = {
  'zh-CN': { phone: '本人手机', printed: '打印卡', proxy: '代办' },
  en: { phone: 'Own phone', printed: 'Printed card', proxy: 'Proxy' },
};

/**
 * Exactly what the filter selects as CSV with a byte order mark, benefit by benefit and newest first: the order of an
 * index, so that a file takes as long as its rows are many. It is read only as fast as it is sent, and each page asks for
 * the caller's authority anew. A stranger is refused before it begins; a failure after that breaks the download off.
 */
export async function exportRedemptions(
  c: Ctx,
  filter: RedemptionFilter,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  await requireOffice(c, signedIn(c));
  return csvStream(pagesOf(c, filter, language));
}

async function* pagesOf(
  c: Ctx,
  filter: RedemptionFilter,
  language: Language,
): AsyncGenerator<Rows, void> {
  yield [heads[language]];
  const benefits = await c.env.db.execute<{ id: number }>(sql`
    select b.id from benefit b
    where (${filter.benefit ?? null}::int is null or b.id = ${filter.benefit ?? null}::int)
      and exists (select from redemption r where r.benefit_id = b.id)
    order by b.id`);
  for (const { id: benefit } of benefits) {
    let after: Cursor | undefined;
    do {
      const page = await listRedemptions(c, { ...filter, benefit }, rowsAPage, after);
      yield page.redemptions.map((row) => cells(row, language));
      after = page.next ?? undefined;
    } while (after);
  }
}

function cells(row: RedemptionView, language: Language): (string | number)[] {
  const name = ({ nameZh, nameEn }: Named) => (language === 'en' ? nameEn : nameZh);
  const { benefit, homeDistrict, hostDistrict, partner, outlet, reversedAt } = row;
  const { unknown, home, shared, booked, reversed, variance } = words[language];
  const standing = row.variance === null ? booked : variance;
  return [
    sheetTime.format(row.at),
    row.id,
    language === 'en' ? benefit.titleEn : benefit.titleZh,
    homeDistrict ? name(homeDistrict) : unknown,
    row.isShared ? shared : home,
    name(hostDistrict),
    name(partner),
    name(outlet),
    row.quantity,
    yuan(row.priceFen),
    yuan(row.amountFen),
    reversedAt ? reversed : standing,
    reversedAt ? sheetTime.format(reversedAt) : '',
    cards[language][row.cardKind],
  ];
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
