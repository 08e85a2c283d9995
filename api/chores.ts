import { sealDays } from './audit/seal.ts';
import { openDueWaves } from './claims/open-due-waves.ts';
import type { Services } from './context.ts';
import { rollUp } from './insights/roll-up.ts';
import { expireProposals } from './proposals/expire.ts';
import { sweepImports } from './imports/sweep.ts';
import { workOn } from './imports/work.ts';
import { addUpDays, finishCloses } from './settlements/finish-close.ts';
import { agreeTransfers } from './members/transfer.ts';

/**
 * Work that nobody waits for, of which each run does a bounded part and answers how many rows that were. Safe at any
 * time, also twice at once: several processes run the same.
 */
type Chore = { name: string; run: (services: Services) => Promise<number> };

const linkedMost = 5_000;

/** Every budget is looked at once in so many minutes. */
const budgetTurns = 15;

const chores: readonly Chore[] = [
  {
    name: 'sweep',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select sweep() as rows`),
  },
  {
    name: 'forget the erased',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select forget_erased() as rows`),
  },
  {
    name: 'link audit entries',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select chain_link(${linkedMost}) as rows`),
  },
  { name: 'imports', run: workOn },
  { name: 'sweep imports', run: sweepImports },
  { name: 'agree transfers', run: agreeTransfers },
  { name: 'expire proposals', run: ({ sql }) => expireProposals(sql) },
  { name: 'close months', run: finishCloses },
  { name: 'add up days', run: addUpDays },
  {
    name: 'return openings',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select return_openings(clock()) as rows`),
  },
  { name: 'open waves', run: ({ sql }) => openDueWaves(sql) },
  {
    name: 'close draws',
    run: ({ sql }) =>
      rowsOf(sql<{ rows: number }[]>`
        select count(*) filter (where close_draw(d.benefit_id))::int as rows
        from draw d join claim_terms t on t.benefit_id = d.benefit_id
        where d.listed_at is null and t.closes_at <= clock()`),
  },
  {
    name: 'expire claims',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select expire_claims(null) as rows`),
  },
  {
    name: 'finish sessions',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select finish_sessions() as rows`),
  },
  {
    name: 'lapse claims',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select lapse_claims(null) as rows`),
  },
  {
    name: 'release reservations',
    run: ({ sql }) => rowsOf(sql<{ rows: number }[]>`select release_reservations() as rows`),
  },
  {
    name: 'alert budgets',
    run: ({ sql }) =>
      rowsOf(sql<{ rows: number }[]>`
        select alert_budgets(date_part('minute', clock())::int, ${budgetTurns}) as rows`),
  },
  {
    name: 'roll up',
    run: ({ sql }) => rollUp(sql),
  },
  { name: 'seal days', run: sealDays },
  {
    name: 'misses',
    run: ({ sql, misses }) => misses.flush(sql),
  },
];

/** Housekeeping on both runtimes, once a minute; one that fails is logged and holds up no other. */
export async function runChores(services: Services): Promise<void> {
  for (const { name, run } of chores) {
    try {
      const rows = await run(services);
      if (rows > 0) services.log.info('chore', { name, rows });
    } catch (error) {
      services.log.error(error, `chore ${name}`);
    }
  }
}

async function rowsOf(answer: Promise<{ rows: number }[]>): Promise<number> {
  const [row] = await answer;
  return row?.rows ?? 0;
}
