import type { Sql } from '../../db/client.ts';
import { readPublicKeys } from './queries.ts';

/** The keys of the JWKS: all that a pass, a receipt or a list of ours may be signed with at present. */
export async function publicKeys(sql: Sql) {
  const keys = await readPublicKeys(sql);
  return keys.map(({ kid, publicJwk: { kty, crv, x, y } }) => ({
    ...{ kty, crv, x, y },
    ...{ kid: String(kid), alg: 'ES256', use: 'sig' },
  }));
}
