import { connect } from '../../db/client.ts';
import { Desk } from './desk.ts';
import { figure } from './figure.ts';
import type { Ground } from './ground.ts';
import { redeemNaively } from './naive.ts';
import { openSlowProxy } from './slow-proxy.ts';
import type { Passes, Till } from './till.ts';
import { bestOf, inTurns, type Kinds, rate } from './turns.ts';

const roundSeconds = 2;
const tripMs = 1;
const connectionsMax = 32;

/**
 * The product over HTTP against the way it is usually written, called without HTTP: both behind a network of 1 ms a trip,
 * once when everybody wants the same benefit, once when nobody is in another's way.
 */
export async function againstNaive(ground: Ground, till: Till, passes: Passes): Promise<void> {
  const direct = new URL(ground.url);
  const proxy = await openSlowProxy(Number(direct.port));
  const slow = new URL(ground.url);
  slow.port = String(proxy.port);
  const sql = connect(slow.href, { max: connectionsMax });
  const desk = await Desk.open(ground, passes, till, { databaseUrl: slow.href });
  try {
    proxy.delay(tripMs);
    const kinds: Kinds = new Map();
    const sweep = (name: string, benefits: readonly number[]) => {
      for (const writers of [8, connectionsMax])
        kinds.set(`naive-${name} by ${writers}`, () =>
          rate(roundSeconds, writers, 1, async (writer) => {
            const [item] = await passes.items(till, benefits[writer % benefits.length] ?? 0, 1);
            if (item) await redeemNaively(sql, item, till.operator);
          }),
        );
      kinds.set(`http-${name} by 128`, () => desk.redeem(roundSeconds, { width: 128, benefits }));
    };
    sweep('rush', [till.rush]);
    sweep('spread', till.benefits);
    const found = await inTurns(kinds);
    for (const name of ['rush', 'spread']) {
      const http = bestOf(found, `http-${name}`);
      const naive = bestOf(found, `naive-${name}`);
      for (const [said, one] of Object.entries({ http, naive })) {
        const { perSecond, p99, width } = one;
        figure(`redeem-1ms-${name}-${said}`, perSecond, `redemptions/s at ${width} at once`);
        figure(`redeem-1ms-${name}-${said}-p99`, p99, 'ms');
      }
      const goal = name === 'rush' ? { atLeast: 10 } : undefined;
      figure(`redeem-1ms-${name}-to-naive`, http.perSecond / naive.perSecond, 'ratio', goal);
    }
  } finally {
    await sql.end({ timeout: 5 });
    await desk.close();
    await proxy.close();
  }
}
