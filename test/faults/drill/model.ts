import fc from 'fast-check';
import { connect } from '../../../db/client.ts';
import { migrate } from '../../../db/migrate.ts';
import { testSecret } from '../../support/app.ts';
import { buildCity } from '../../support/city.ts';
import { history } from '../../support/model/history.ts';
import { play } from '../../support/model/play.ts';
import { openDatabase } from '../database.ts';
import { type DrillOptions, type Report, thousands } from './report.ts';

/** Random histories of rush, offline phones and unions: the database's functions beside the rules told plainly. */
export async function model({ seed, rounds = 500 }: DrillOptions): Promise<Report> {
  const { url, stop } = await openDatabase({ secret: testSecret, fill: migrate });
  const sql = connect(url);
  let steps = 0;
  try {
    const city = await buildCity(sql);
    const tried = await fc.check(
      fc.asyncProperty(history, (one) => {
        steps += one.steps.length;
        return play(sql, city, one);
      }),
      { seed, numRuns: rounds },
    );
    return {
      tried: [`${thousands(tried.numRuns)} histories with ${thousands(steps)} steps`],
      lost: tried.failed
        ? [fc.defaultReportMessage(tried) ?? 'the rules and the database part']
        : [],
    };
  } finally {
    await sql.end({ timeout: 5 });
    await stop();
  }
}
