import type { Transaction } from '../client.ts';
import { refusalDay, searchMiss } from '../schema/insights.ts';
import type { Benefit } from './benefits.ts';
import { dayMs } from './calendar.ts';
import { copyRows } from './copy.ts';
import { createRandom } from './random.ts';
import type { Union } from './unions.ts';

type Miss = typeof searchMiss.$inferInsert;
type Refusal = typeof refusalDay.$inferInsert;

const days = 40;
/** What people look for and no benefit gives, the most wanted first. */
const wishes = ['游泳', '体检', '滑雪', '羽毛球', '温泉', '话剧', '理发'];
const refusals = ['quota_exhausted', 'quota_exhausted', 'limit_reached', 'no_allocation'] as const;

const onDay = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(at));

/** What members of the demo city wanted and did not get in the last weeks, in counts by day. */
export async function inventMisses(
  tx: Transaction,
  { now, seed }: { now: number; seed: number },
  unions: readonly Union[],
  benefits: readonly Benefit[],
): Promise<void> {
  const random = createRandom(seed + 1);
  const districts = unions.filter(({ level }) => level === 2);
  const misses: Miss[] = [];
  const refused: Refusal[] = [];
  for (let back = 0; back < days; back += 1) {
    const day = onDay(now - back * dayMs);
    for (const { id } of districts) {
      const wish = Math.min(random.below(wishes.length), random.below(wishes.length));
      const word = wishes[wish] ?? null;
      misses.push({
        day,
        homeId: id,
        word,
        districtId: null,
        kind: null,
        times: 1 + random.below(4),
      });
      if (!random.chance(0.4)) continue;
      refused.push({
        ...{ day, benefitId: random.pick(benefits).id, districtId: id },
        place: random.chance(0.5) ? 'counter' : 'catalogue',
        reason: random.pick(refusals),
        times: 1 + random.below(5),
      });
    }
  }
  await copyRows(tx, searchMiss, misses);
  await copyRows(tx, refusalDay, refused);
}
