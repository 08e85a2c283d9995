import type { Sql } from '../../db/client.ts';
import { eachInOne } from '../batches/each-in-one.ts';
import type { ClaimItem, ClaimOutcome } from './item.ts';
import { claimItems, keepUp } from './queries.ts';

const triesMax = 3;

/**
 * Claims all items in one statement; each has its own outcome or error. Where the first to come after a wave's seconds of
 * entry, or after a hold that has run out, find that nobody has seen to it, it is seen to here, and they ask again.
 */
export async function claimEach(
  sql: Sql,
  items: readonly ClaimItem[],
  tries = 1,
): Promise<PromiseSettledResult<ClaimOutcome>[]> {
  const answers = await eachInOne((some) => claimItems(sql, some), items);
  const early = items.filter((_, i) => isUpkeepDue(answers[i]));
  if (early.length === 0 || tries === triesMax) return answers;
  await keepUp(sql, [...new Set(early.map(({ benefit }) => benefit))]);
  const again = await claimEach(sql, early, tries + 1);
  return answers.map((answer) => (isUpkeepDue(answer) ? (again.shift() ?? answer) : answer));
}

function isUpkeepDue(answer: PromiseSettledResult<ClaimOutcome> | undefined): boolean {
  return answer?.status === 'fulfilled' && answer.value.outcome === 'upkeep_due';
}
