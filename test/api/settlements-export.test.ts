// Risk (I16, I23): what a union downloads does not add up to what it is told to pay, cannot be checked by anybody else, or
// tells who the members are.
import { readXlsx } from 'hucre/xlsx';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { Clearing, monthAgo, type Statement } from '../support/clearing.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { recompute } from '../support/recompute.ts';

const { sql } = await createDatabase();
const city = await Clearing.open(sql);
const { desk, split, own } = city;
const { at } = desk;
const { root, home, host } = desk.city.unions;
const month = monthAgo(1);
const canary = { name: '金丝雀欧阳', phone: '13800138000' };

const member = await desk.city.addMember({ name: canary.name });
for (const [place, day] of ['01', '14', '27'].entries()) {
  // The last minutes of a day in Shanghai are another day in UTC.
  await city.usedAt(
    `${month.slice(0, 8)}${day}T${place === 1 ? '15:59:00' : '16:30:00'}Z`,
    [
      [split, 1],
      [own, 2],
      [split, 3],
    ],
    member,
  );
}
// Every day is added up, and on one of them something happens after all.
await sql`
  select add_up_day(g.at::date) from generate_series(
    ${month}::timestamp, ${month}::date + interval '1 month - 1 day', '1 day') as g (at)`;
await setClock(sql, `${month.slice(0, 8)}20T04:00:00Z`);
await desk.undo(await desk.redeem(split, 1, { at: `${month.slice(0, 8)}20T03:59:00Z`, member }));
await setClock(sql, null);
await sql`update benefit set title_zh = '=1+1' where id = ${own}`;
await city.close(month);

type Detail = Statement & { hash: string };

const all = await city.statements(at.city, `?month=${month}`);

test.each(all.map((one) => [one.kind, one.id] as const))(
  'an outsider comes from the lines of a %s’s statement to its figures and its hash (%i)',
  async (_kind, id) => {
    const detail = (await (await at.city.get(`/api/statements/${id}`)).json()) as Detail;
    const file = await at.city.get(`/api/statements/${id}/lines.csv`);
    expect(file.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    const bytes = new Uint8Array(await file.arrayBuffer());
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = new TextDecoder().decode(bytes);
    const found = recompute(text, {
      month,
      kind: detail.kind,
      union: detail.union.id,
      against: detail.other?.id ?? detail.partner?.id ?? 0,
    });
    const owed = (one: number, other: number) => found.owedFen[`${one} ${other}`] ?? 0;
    const debit =
      detail.kind === 'pair'
        ? owed(detail.union.id, detail.other?.id ?? 0)
        : Object.values(found.owedFen).reduce((sum, fen) => sum + fen, 0);
    expect({ ...found, debit }).toMatchObject({
      ...{ lines: detail.lines, redemptions: detail.redemptions, hash: detail.hash },
      debit: detail.debitFen,
    });
    if (detail.kind === 'pair')
      expect(owed(detail.other?.id ?? 0, detail.union.id)).toBe(detail.creditFen);
    // One fen more, and nobody would believe it.
    expect(
      recompute(
        text.replace(/charge,(\d+)/, (_, fen: string) => `charge,${Number(fen) + 1}`),
        {
          ...{ month, kind: detail.kind, union: detail.union.id },
          against: detail.other?.id ?? detail.partner?.id ?? 0,
        },
      ).hash,
    ).not.toBe(detail.hash);
  },
);

test('the workbook holds the same lines, and says what they mean', async () => {
  const { id } = await city.statementOf(month, home, host);
  const file = await at.home.get(`/api/statements/${id}/lines.xlsx`);
  expect(file.status).toBe(200);
  const book = await readXlsx(new Uint8Array(await file.arrayBuffer()));
  expect(book.sheets.map(({ name }) => name)).toEqual(['lines', 'format', 'statement']);
  const csv = await (await at.home.get(`/api/statements/${id}/lines.csv`)).text();
  const { data } = Papa.parse<string[]>(csv.replace(/^\uFEFF/, '').trimEnd());
  const [lines, format] = book.sheets;
  const plain = (cell: unknown) => (cell === null || cell === undefined ? '' : String(cell));
  expect(lines?.rows.map((row) => row.map(plain))).toEqual(
    data.map((row) => row.map((cell) => cell.replace(/^'=/, '='))),
  );
  expect(format?.rows.slice(0, 16).map((row) => row[0])).toEqual(data[0]);
});

test('a formula stays a text, and nothing anywhere names a member', async () => {
  const { id } = await city.statementOf(month, home, host);
  const [phone] = await sql<{ id: number; number: number }[]>`
    select member_id as id, number from card where cell = ${member.cell} and member_id = ${member.id}`;
  for (const path of [
    `/api/statements/${id}`,
    `/api/statements/${id}/lines?limit=200`,
    `/api/statements/${id}/lines.csv`,
    '/api/statements.csv',
  ]) {
    const text = await (await at.host.get(path)).text();
    expect(text.length).toBeGreaterThan(100);
    for (const secret of [canary.name, canary.phone, String(phone?.id), String(phone?.number)])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/(^|,)=1\+1/m);
  }
});

test('the partner’s own file does not say which union paid, nor does its screen', async () => {
  const { id } = await city.statementOf(month, host, 'partner');
  const csv = await (await desk.manager.get(`/api/statements/${id}/lines.csv`)).text();
  const { data } = Papa.parse<Record<string, string>>(csv.replace(/^\uFEFF/, '').trimEnd(), {
    header: true,
  });
  expect(data.length).toBeGreaterThan(0);
  expect(new Set(data.map(({ debtor, debtor_name: name }) => `${debtor}${name}`))).toEqual(
    new Set(['']),
  );
});

test('a list holds the statements of the party or the partner that is asked for, and so does its file', async () => {
  type Row = {
    union: { id: number };
    other: { id: number } | null;
    partner: { id: number } | null;
  };
  const list = async (query: string) => {
    const answer = await at.city.get(`/api/statements?month=${month}${query}`);
    return ((await answer.json()) as { statements: Row[] }).statements;
  };
  const all = await list('');
  const partiesOf = ({ union, other }: Row) => [union.id, other?.id];
  for (const [party, id] of [
    ['city', desk.city.unions.root],
    [String(home), home],
  ] as const) {
    const expected = all.filter((one) => partiesOf(one).includes(id));
    expect(await list(`&party=${party}`)).toEqual(expected);
    expect([party, expected.length > 0 && expected.length < all.length]).toEqual([party, true]);
  }
  const { partner } = desk.city.outlet;
  const own = all.filter((one) => one.partner?.id === partner);
  expect(own.length).toBeGreaterThan(0);
  expect(await list(`&partner=${partner}`)).toEqual(own);
  const csv = await at.city.get(`/api/statements.csv?month=${month}&partner=${partner}`);
  expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(own.length + 1);
});

test('positions follow from the list of statements, and sum to zero', async () => {
  const csv = await (await at.city.get(`/api/statements.csv?month=${month}`)).text();
  const { data } = Papa.parse<Record<string, string>>(csv.replace(/^\uFEFF/, '').trimEnd(), {
    header: true,
  });
  const positions: Record<string, number> = {};
  for (const { kind, union = '', other = '', debit_fen: debit, credit_fen: credit } of data) {
    if (kind !== 'pair') continue;
    const net = Number(credit) - Number(debit);
    positions[union] = (positions[union] ?? 0) + net;
    positions[other] = (positions[other] ?? 0) - net;
  }
  // Three times 1 and 3 films, of which the city bears a third; and twice two that the home district bears alone.
  expect(positions).toEqual({ [root]: -18_000, [home]: -27_000, [host]: 45_000 });
});

test('lines come page by page, each once, in the order of booking', async () => {
  const { id, lines } = await city.statementOf(month, root, host);
  const seen: { bookedAt: string; redemptionId: string; kind: string }[] = [];
  let next: string | null = '';
  do {
    const answer = await at.city.get(
      `/api/statements/${id}/lines?limit=2${next === '' ? '' : `&cursor=${next}`}`,
    );
    const page = (await answer.json()) as { lines: typeof seen; next: string | null };
    seen.push(...page.lines);
    next = page.next;
  } while (next !== null);
  expect(seen).toHaveLength(lines);
  expect(seen.map(({ bookedAt }) => bookedAt)).toEqual(seen.map(({ bookedAt }) => bookedAt).sort());
  expect(new Set(seen.map(({ redemptionId, kind }) => `${redemptionId} ${kind}`)).size).toBe(lines);
});
