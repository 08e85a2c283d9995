import { root } from '../../support/sources.ts';
import { testSecret } from '../../support/app.ts';
import type { ApiProcess } from '../api-process.ts';
import { withSql } from '../database.ts';
import { crossOver, scanOrders } from '../scan.ts';
import { openStage } from '../stage.ts';
import { summary } from '../summary.ts';
import { lastTag, runToEnd, Version } from '../version.ts';
import type { DrillOptions, Report } from './report.ts';

const ordersAtOnce = 60;
const answersAStep = 400;

/**
 * The last tagged version serves; this one brings its database up to date under load, and both serve it together, until
 * only this one does (I25). Each pass is scanned at one process and redeemed at another.
 */
export async function versions({ seed, from }: DrillOptions): Promise<Report> {
  const ref = from ?? (await lastTag());
  if (ref === null)
    return { tried: ['There is no tagged version yet to run beside this one.'], lost: [] };
  const version = await Version.unpack(ref);
  try {
    return await meet(version, ref, seed);
  } finally {
    await version.remove();
  }
}

async function meet(version: Version, ref: string, seed: number): Promise<Report> {
  const { folder } = version;
  const fill = async (url: string) => {
    const env = { DATABASE_URL: url, TONGKA_SECRET: testSecret };
    await version.run(['migrate'], { env });
    await version.run(['--members', '400', '--redemptions', '400'], {
      env,
      script: 'db/seed/run.ts',
    });
  };
  const stage = await openStage({ seed, fill, folder, apis: 2, scarcePlaces: 30 });
  const { apis, book, url } = stage;
  const counters = stage.counters();
  let isOver = false;
  const rush = async () => {
    while (!isOver) await counters.serve(await scanOrders(stage, ordersAtOnce));
  };
  const old = [...apis];
  const rushing = rush();
  try {
    const step = () => Promise.race([book.reaches(book.answers + answersAStep), rushing]);
    await step();
    await runToEnd(root, ['migrate'], { env: { DATABASE_URL: url } });
    const functions = await readFunctions(url);
    await step();
    await stage.startApi(root);
    const latest = await stage.startApi(root);
    await step();
    const [first, second] = old;
    if (!first || !second) throw new Error('There is no old process.');
    await counters.serve([
      await crossOver(stage, 'member_dongcheng', second, latest),
      await crossOver(stage, 'member_jiuxianqiao', latest, second),
    ]);
    // An old process that starts again beside the new ones must not bring its own functions back.
    await first.kill();
    await first.startAgain();
    await step();
    for (const api of old) await retire(apis, api);
    await step();
    isOver = true;
    await rushing;
    return {
      tried: [
        `${ref} served, then both versions, then only this one, on one database`,
        ...summary(stage, counters),
      ],
      lost: [
        ...(await stage.findings()),
        ...((await readFunctions(url)) === functions
          ? []
          : ['the old version brought its functions back']),
      ],
    };
  } finally {
    isOver = true;
    await rushing.catch(() => {});
    await stage.close();
  }
}

async function readFunctions(url: string): Promise<string> {
  const [row] = await withSql(
    url,
    (sql) => sql<{ hash: string }[]>`
      select md5(string_agg(prosrc || proname, ' ' order by proname, oid)) as hash
      from pg_proc where pronamespace = 'public'::regnamespace`,
  );
  return row?.hash ?? '';
}

/** Nobody is sent to it any more, and then it ends. */
async function retire(apis: ApiProcess[], api: ApiProcess): Promise<void> {
  apis.splice(apis.indexOf(api), 1);
  await api.stop();
}
