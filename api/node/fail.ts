import { StartError } from '../../db/start-error.ts';

/** Ends the process as failed: with one sentence where its user can mend it, else with the stack. */
export function fail(error: unknown): never {
  const text =
    error instanceof StartError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`\n${String(text)}\n`);
  process.exit(1);
}
