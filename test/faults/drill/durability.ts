import { openStage } from '../stage.ts';
import { summary } from '../summary.ts';
import { killOnce } from './kill-db.ts';
import type { DrillOptions, Report } from './report.ts';

const isLoss = / is lost$/;

/**
 * The negative control of kill-db: a PostgreSQL that answers before it has written must lose answers, and the drill must
 * see it. Nothing is changed but `synchronous_commit`.
 */
export async function durability({ seed, rounds = 5 }: DrillOptions): Promise<Report> {
  const settings = { synchronous_commit: 'off' };
  const stage = await openStage({ seed, settings, scarcePlaces: rounds * 40 });
  try {
    const counters = stage.counters();
    let kills = 0;
    let losses = 0;
    while (kills < rounds && losses === 0) {
      await killOnce(stage, counters);
      kills += 1;
      losses = (await stage.findings()).filter((finding) => isLoss.test(finding)).length;
    }
    return {
      tried: [
        `PostgreSQL with synchronous_commit off killed until answers were lost: ${kills} times`,
        ...summary(stage, counters),
        `${losses} answers lost, as they must be`,
      ],
      lost: losses > 0 ? [] : ['The drill does not see what a PostgreSQL that forgets has lost.'],
    };
  } finally {
    await stage.close();
  }
}
