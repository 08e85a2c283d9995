import { revoke, rotate } from '../passes/rotate.ts';
import { StartError } from '../../db/start-error.ts';
import { withDatabase } from './with-database.ts';
import { print } from './step.ts';

const usage = 'npm run keys rotate | npm run keys revoke KID';

/** `npm run keys …`: the keys that sign passes. */
export async function keys([verb, kid, ...rest]: string[]): Promise<void> {
  if (rest.length > 0) throw new StartError(usage);
  if (verb === 'rotate' && kid === undefined) {
    await withDatabase(async (store) => {
      const made = await rotate(store);
      print(`Key ${made.kid} is published and signs from ${made.signsFrom.toISOString()}.`);
    });
  } else if (verb === 'revoke' && kid !== undefined && /^\d{1,3}$/.test(kid)) {
    await withDatabase(async (store) => {
      const { isRevoked, replacement } = await revoke(store, Number(kid));
      if (!isRevoked) throw new StartError(`There is no key ${kid} that could be revoked.`);
      print(`Key ${kid} is revoked: every pass it signed is refused from now on.`);
      if (replacement !== null) print(`Key ${replacement} signs in its place.`);
    });
  } else {
    throw new StartError(usage);
  }
}
