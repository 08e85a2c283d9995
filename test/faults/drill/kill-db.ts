import { killPostgres } from '../../support/postgres-processes.ts';
import { withSql } from '../database.ts';
import { openStage, type Stage } from '../stage.ts';
import { type DrillOptions, type Report, thousands } from './report.ts';

const ordersARound = 520;
/** The last ones of a round are not killed for: something must be under way. */
const calmAtTheEnd = 60;

/** PostgreSQL and all its processes die under load, again and again, and what was answered stands (I4, I14). */
export async function killDb({ seed, rounds = 22 }: DrillOptions): Promise<Report> {
  const stage = await openStage({ seed, scarcePlaces: rounds * 40 });
  try {
    const settings = await durability(stage);
    const { lost, slowest } = await killAgainAndAgain(stage, rounds);
    return {
      tried: [
        `PostgreSQL (${settings.said}) killed ${rounds} times under two API processes`,
        ...summary(stage),
        `serving again ${slowest.toFixed(1)} s after a kill, at the latest`,
      ],
      lost: [...lost, ...settings.missing],
    };
  } finally {
    await stage.close();
  }
}

export async function killAgainAndAgain(stage: Stage, rounds: number) {
  const { book, cluster, random } = stage;
  const counters = stage.counters();
  const lost: string[] = [];
  let slowest = 0;
  for (let round = 0; round < rounds && lost.length === 0; round += 1) {
    const orders = await stage.orders(ordersARound);
    const moment = book.answers + 1 + random.below(ordersARound - calmAtTheEnd);
    const served = counters.serve(orders);
    await book.reaches(moment);
    await killPostgres(cluster);
    const killed = performance.now();
    await cluster.revive();
    const answered = book.answers;
    await book.reaches(answered + 1);
    slowest = Math.max(slowest, (performance.now() - killed) / 1000);
    await served;
    lost.push(...(await stage.findings()));
  }
  return { lost, slowest, unanswered: counters.unanswered };
}

export function summary({ book }: Stage): string[] {
  return [
    `${thousands(book.count)} redemptions answered, ${thousands(book.refused)} refused as sold out`,
  ];
}

/** What PostgreSQL is told to do before it says that something is done. */
async function durability({ url }: Stage): Promise<{ said: string; missing: string[] }> {
  const names = ['fsync', 'synchronous_commit', 'full_page_writes'];
  const rows = await withSql(
    url,
    (sql) => sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name = any (${names}::text[]) order by name`,
  );
  return {
    said: rows.map(({ name, setting }) => `${name} ${setting}`).join(', '),
    missing: names.filter((name) => !rows.some((row) => row.name === name && row.setting === 'on')),
  };
}
