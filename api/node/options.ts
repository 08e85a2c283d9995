import { parseArgs } from 'node:util';
import { StartError } from '../../db/start-error.ts';

/** The `--name value` options of a command; anything else is answered with its usage. */
export function readOptions<N extends string>(
  args: string[],
  names: readonly N[],
  usage: string,
): Partial<Record<N, string>> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
    const { values } = parseArgs({ args, options });
    return values as Partial<Record<N, string>>;
  } catch {
    throw new StartError(usage);
  }
}
