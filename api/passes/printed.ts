import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { fromContent, toContent } from './content.ts';
import { signingInput } from './jws.ts';
import type { Claims } from './pack.ts';

/** No signing key has it: a printed code outlives every rotation, and only the server can tell a genuine one. */
export const printedKid = 0;

type Printed = { card: number; exp: number };

/**
 * The static code of a printed card: a pass in the usual codec whose 64 bytes are a MAC (HMAC-SHA-512) under a key of the
 * server's own. Nobody can check one without the server, and nobody should: it goes with a look at the ID card.
 */
export async function printPass(services: Services, { card, exp }: Printed): Promise<string> {
  const claims = { kid: printedKid, card, jti: 0, exp };
  return toContent(services.config.origin, { ...claims, signature: await mac(services, claims) });
}

/** What a printed code says, null for a pass of a phone. A forged one costs no statement. */
export async function readPrinted(services: Services, content: string): Promise<Printed | null> {
  const { signature, ...claims } = fromContent(services.config.origin, content);
  if (claims.kid !== printedKid) return null;
  const expected = await mac(services, claims);
  const difference = expected.reduce((found, byte, i) => found | (byte ^ (signature[i] ?? 0)), 0);
  if (difference !== 0 || claims.jti !== 0) throw new Problem('pass_invalid');
  return { card: claims.card, exp: claims.exp };
}

async function mac({ keys, config }: Services, claims: Claims): Promise<Uint8Array<ArrayBuffer>> {
  const { printed } = await keys.derived();
  const said = new TextEncoder().encode(signingInput(config.origin, claims));
  return new Uint8Array(hmac(sha512, printed, said));
}
