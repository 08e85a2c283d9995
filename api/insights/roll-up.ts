import type { Sql } from '../../db/client.ts';

const steps = { rollUp: 62, patterns: 31, takeUp: 16 };

/**
 * Goes on with what the pictures are read from: the counts by day, then what is only drawn up when a day or a month is
 * over. A bounded part each time; a year that nobody counted yet takes some minutes. Answers how many steps it took.
 */
export async function rollUp(sql: Sql): Promise<number> {
  const counted = await repeat(steps.rollUp, async () => {
    const [row] = await sql<Done[]>`select roll_up_step() as "isDone"`;
    return row;
  });
  const patterned = await repeat(steps.patterns, async () => {
    const [row] = await sql<Done[]>`select draw_up_patterns() as "isDone"`;
    return row;
  });
  const drawn = await repeat(steps.takeUp, async () => {
    const [row] = await sql<Done[]>`select draw_up_take_up() as "isDone"`;
    return row;
  });
  return counted + patterned + drawn;
}

type Done = { isDone: boolean };

async function repeat(most: number, step: () => Promise<Done | undefined>): Promise<number> {
  for (let taken = 0; taken < most; taken += 1) {
    if ((await step())?.isDone !== true) return taken;
  }
  return most;
}
