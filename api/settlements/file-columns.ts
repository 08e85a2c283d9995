import type { LineView } from './lines.ts';
import type { StatementDetail } from './read.ts';
import type { StatementView } from './view.ts';

/** One cell of an export. */
export type Cell = string | number;

type Column<Row> = { name: string; zh: string; en: string; cell: (row: Row) => Cell };

/**
 * The columns of a statement's lines, in order, and what each says: the export, its second sheet and the readme are of one
 * mind. Names are for programs and never change; amounts are whole fen without a sign.
 */
export const lineColumns: readonly Column<LineView>[] = [
  {
    name: 'booked_at',
    zh: '记账时间，UTC，精确到微秒；决定所属月份',
    en: 'When it was booked, UTC, to the microsecond; decides the month',
    cell: ({ bookedUtc }) => bookedUtc,
  },
  {
    name: 'redemption',
    zh: '核销编号',
    en: 'The redemption',
    cell: ({ redemptionId }) => redemptionId,
  },
  {
    name: 'entry',
    zh: '分录类型：redemption 核销，reversal 撤销，adjustment 调整',
    en: 'redemption, reversal or adjustment',
    cell: ({ kind }) => kind,
  },
  { name: 'leg', zh: '分录序号', en: 'The number of the entry', cell: ({ leg }) => leg },
  {
    name: 'direction',
    zh: 'charge：承担方应付；return：退回承担方',
    en: 'charge: the debtor owes it; return: it came back to the debtor',
    cell: ({ isCharge }) => (isCharge ? 'charge' : 'return'),
  },
  {
    name: 'amount_fen',
    zh: '金额，单位分，无符号',
    en: 'The amount in fen, without a sign',
    cell: ({ amountFen }) => amountFen,
  },
  {
    name: 'debtor',
    zh: '承担工会编号；商户的导出中为空',
    en: 'The union that bears it; empty in a partner’s export',
    cell: ({ debtor }) => debtor?.id ?? '',
  },
  {
    name: 'debtor_name',
    zh: '承担工会',
    en: 'Its name',
    cell: ({ debtor }) => debtor?.nameZh ?? '',
  },
  {
    name: 'creditor',
    zh: '垫付工会编号，即与商户签约的工会',
    en: 'The union that pays the partner',
    cell: ({ creditor }) => creditor.id,
  },
  {
    name: 'creditor_name',
    zh: '垫付工会',
    en: 'Its name',
    cell: ({ creditor }) => creditor.nameZh,
  },
  { name: 'partner', zh: '商户编号', en: 'The partner', cell: ({ partner }) => partner.id },
  { name: 'partner_name', zh: '商户', en: 'Its name', cell: ({ partner }) => partner.nameZh },
  {
    name: 'scanned_at',
    zh: '实际使用时间，UTC；离线使用可能早于记账月份',
    en: 'When it was used, UTC; an offline use may be of an earlier month',
    cell: ({ scannedAt }) => new Date(scannedAt).toISOString(),
  },
  { name: 'benefit', zh: '福利', en: 'The benefit', cell: ({ benefit }) => benefit.titleZh },
  { name: 'outlet', zh: '门店', en: 'The outlet', cell: ({ outlet }) => outlet.nameZh },
  { name: 'host', zh: '使用区', en: 'The district of the outlet', cell: ({ host }) => host.nameZh },
];

/** What a statement's row of a file says besides what the list shows. */
export type Papers = Pick<StatementDetail, 'hash' | 'invoiceNumber' | 'bankReference' | 'paidOn'>;

/** The columns of the list of statements. */
export const statementColumns: readonly Column<StatementView & Papers>[] = [
  { name: 'statement', zh: '结算单编号', en: 'The statement', cell: ({ id }) => id },
  { name: 'month', zh: '月份（首日）', en: 'The month, by its first day', cell: (s) => s.month },
  {
    name: 'kind',
    zh: 'pair：两工会之间；partner：对商户',
    en: 'pair: of two unions; partner: of a partner',
    cell: ({ kind }) => kind,
  },
  { name: 'union', zh: '工会编号', en: 'The union', cell: ({ union }) => union.id },
  { name: 'union_name', zh: '工会', en: 'Its name', cell: ({ union }) => union.nameZh },
  { name: 'other', zh: '对方工会编号', en: 'The other union', cell: (s) => s.other?.id ?? '' },
  { name: 'other_name', zh: '对方工会', en: 'Its name', cell: (s) => s.other?.nameZh ?? '' },
  { name: 'partner', zh: '商户编号', en: 'The partner', cell: (s) => s.partner?.id ?? '' },
  { name: 'partner_name', zh: '商户', en: 'Its name', cell: (s) => s.partner?.nameZh ?? '' },
  { name: 'lines', zh: '明细行数', en: 'How many lines', cell: ({ lines }) => lines },
  {
    name: 'redemptions',
    zh: '核销笔数',
    en: 'How many redemptions',
    cell: ({ redemptions }) => redemptions,
  },
  {
    name: 'debit_fen',
    zh: '工会应付对方（或商户），分；负数表示应收回',
    en: 'What the union owes the other one or the partner, in fen; negative: it gets back',
    cell: ({ debitFen }) => debitFen,
  },
  {
    name: 'credit_fen',
    zh: '对方应付工会，分',
    en: 'What the other one owes the union, in fen',
    cell: ({ creditFen }) => creditFen,
  },
  { name: 'state', zh: '状态', en: 'How far it is', cell: ({ state }) => state },
  {
    name: 'hash',
    zh: '全部明细的 SHA-256',
    en: 'SHA-256 over all lines',
    cell: ({ hash }) => hash,
  },
  {
    name: 'suspended_fen',
    zh: '暂缓，分',
    en: 'What is held back of it, in fen',
    cell: ({ suspendedFen }) => suspendedFen,
  },
  {
    name: 'carried_fen',
    zh: '以前暂缓、随本单付款，分',
    en: 'What was held back in earlier ones and is paid with it, in fen',
    cell: ({ carriedFen }) => carriedFen,
  },
  {
    name: 'payable_fen',
    zh: '开票时确定的应付，分：debit_fen - suspended_fen + carried_fen',
    en: 'What the invoice fixed, in fen: debit_fen - suspended_fen + carried_fen',
    cell: ({ payableFen }) => payableFen ?? '',
  },
  {
    name: 'invoice',
    zh: '发票号码',
    en: 'The invoice’s number',
    cell: ({ invoiceNumber }) => invoiceNumber ?? '',
  },
  {
    name: 'bank_reference',
    zh: '银行流水号',
    en: 'The bank’s reference',
    cell: ({ bankReference }) => bankReference ?? '',
  },
  { name: 'paid_on', zh: '付款日期', en: 'When it was paid', cell: ({ paidOn }) => paidOn ?? '' },
];

/** How an outsider comes from the lines to the hash; the second sheet says it too. */
export const hashRecipe = [
  'line  = "<redemption> <entry> <leg> <direction> <amount_fen> <booked_at>\\n", by redemption, entry, leg',
  'day   = sha256(lines of one partner, debtor, creditor and day of booked_at in Asia/Shanghai)',
  'part  = sha256("<YYYY-MM-DD> <day>\\n" of one partner, debtor and creditor, by day)',
  'hash  = sha256("tongka 1 <month> <kind> <union> <other or partner>\\n" + for each part by partner, debtor, creditor:',
  '        "<partner> <debtor> <creditor> <lines> <charged fen> <returned fen> <part>\\n")',
] as const;
