import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { byteOrderMark, csv } from '../csv.ts';
import { type Papers, statementColumns } from './file-columns.ts';
import { listStatements, type StatementFilter } from './list.ts';
import { reached } from './reach.ts';

const rowsAPage = 200;

/** The statements of the list as CSV with a byte order mark: each union's position is the sum of its rows. */
export async function statementsCsv(c: Ctx, filter: StatementFilter): Promise<string> {
  const rows = [statementColumns.map(({ name }) => name) as (string | number)[]];
  let after: { micros: number; id: string } | undefined;
  do {
    const { statements } = await listStatements(c, filter, rowsAPage, after);
    const papers = await papersOf(
      c,
      statements.map(({ id }) => id),
    );
    for (const one of statements) {
      const row = { ...none, ...papers.get(one.id), ...one };
      rows.push(statementColumns.map(({ cell }) => cell(row)));
    }
    const last = statements.at(-1);
    after =
      statements.length === rowsAPage && last ? { micros: 0, id: String(last.id) } : undefined;
  } while (after);
  return byteOrderMark + csv(rows);
}

const none: Papers = { hash: '', invoiceNumber: null, bankReference: null, paidOn: null };

async function papersOf(c: Ctx, ids: number[]): Promise<Map<number, Papers>> {
  const rows = await c.env.db.execute<Papers & { id: number }>(sql`
    with ${reached(signedIn(c))}
    select s.id, s.hash, s.invoice_number as "invoiceNumber", s.bank_reference as "bankReference",
      s.paid_on::text as "paidOn"
    from reached s
    where s.id in (select value::int from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
  return new Map(rows.map(({ id, ...papers }) => [id, papers]));
}
