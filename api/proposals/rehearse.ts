import { TransactionRollbackError } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';

/** Does it and undoes it: what would be refused when it is confirmed is refused when it is proposed, by the same steps. */
export async function rehearse(tx: Tx, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  try {
    await tx.transaction(async (trial) => {
      await work(trial);
      trial.rollback();
    });
  } catch (error) {
    if (!(error instanceof TransactionRollbackError)) throw error;
  }
}
