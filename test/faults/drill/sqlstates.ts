import { type Fate, openFaultProxy } from '../../support/fault-proxy.ts';
import { withSql } from '../database.ts';
import { type Order, put } from '../put.ts';
import { openStage, type Stage } from '../stage.ts';
import type { DrillOptions, Report } from './report.ts';

const triesMax = 3;
const conflicts = ['40001', '40P01'];
const losses = ['57P01', '08006'];

type Case = { code: string; kind: 'error instead' | 'error after'; times: number };

/** A conflict is never told after its commit; a connection can be lost at any time. */
const cases: Case[] = [
  ...[...conflicts, ...losses].map((code) => ({ code, kind: 'error instead' as const })),
  ...losses.map((code) => ({ code, kind: 'error after' as const })),
].flatMap((one) => [1, 2, triesMax].map((times) => ({ ...one, times })));

/**
 * PostgreSQL answers with each of the errors that another try may heal: one and two of them nobody notices; three are a
 * 503 with Retry-After, and the same id gets its redemption afterwards (I22, I5).
 */
export async function sqlstates({ seed }: DrillOptions): Promise<Report> {
  const planned: Fate[] = [];
  let tries = 0;
  const stage = await openStage({
    seed,
    apis: 1,
    through: (url) =>
      openFaultProxy(url, (statement) => {
        if (!statement.includes('redeem(')) return { kind: 'pass' };
        tries += 1;
        return planned.shift() ?? { kind: 'pass' };
      }),
  });
  const lost: string[] = [];
  try {
    for (const { code, kind, times } of cases) {
      planned.push(...Array.from({ length: times }, () => ({ code, kind })));
      tries = 0;
      const said = await tell(stage, () => tries);
      const wanted = expected({ code, kind, times });
      if (said !== wanted) lost.push(`${times} × ${code} (${kind}): ${said}, not ${wanted}`);
    }
    lost.push(...(await stage.findings()));
    return { tried: [`${cases.length} cases of ${[...conflicts, ...losses].join(', ')}`], lost };
  } finally {
    await stage.close();
  }
}

/** One redemption in words: its answer, the tries it took, the rows it left; then the same id's next answer. */
async function tell(stage: Stage, tries: () => number): Promise<string> {
  const [order] = await stage.till.order(stage.offer.plenty.slice(0, 1));
  if (!order) throw new Error('There is no order.');
  const first = await ask(stage, order);
  const took = tries();
  const [row] = await withSql(
    stage.url,
    (sql) => sql<{ count: number }[]>`
      select count(*)::int as count from redemption where id = ${order.id}`,
  );
  return `${first} after ${took}, ${row?.count ?? 0} rows, then ${await ask(stage, order)}`;
}

async function ask({ apis: [api], till, book }: Stage, order: Order): Promise<string> {
  if (!api) throw new Error('There is nobody to ask.');
  const answer = await put(api, till.cookie, order);
  if ('receipt' in answer) {
    book.accept(answer.receipt);
    return String(answer.status);
  }
  return `${answer.status} ${answer.code}, again in ${answer.retryAfter} s`;
}

function expected({ code, kind, times }: Case): string {
  const isDone = kind === 'error after';
  if (times < triesMax) return `${isDone ? 200 : 201} after ${times + 1}, 1 rows, then 200`;
  const refusal = conflicts.includes(code) ? 'busy' : 'database_unavailable';
  const rows = isDone ? 1 : 0;
  return `503 ${refusal}, again in 1 s after ${triesMax}, ${rows} rows, then ${isDone ? 200 : 201}`;
}
