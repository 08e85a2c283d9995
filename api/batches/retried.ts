import { asProblem } from '../database-errors.ts';

/** Conflicts between transactions, and a connection lost on the way: whether it had committed is unknown. */
const worthAnotherTry =
  /^(40001|40P01|08...|57P01|CONNECTION_CLOSED|CONNECTION_DESTROYED|ECONNRESET|EPIPE)$/;
const triesMax = 3;
const pauseMsMax = 30;

/** Runs what is safe to run twice, up to three times. Overload is not tried again: that would feed it. */
export async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries === triesMax || !worthAnotherTry.test(codeOf(error))) throw error;
      const pauseMs = Math.random() * pauseMsMax * tries;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** True for trouble of the database itself, which would meet every item alike. */
export function isTrouble(error: unknown): boolean {
  return asProblem(error).code !== 'internal_error';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
