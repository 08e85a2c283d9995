import { CompactSign } from 'jose';
import type { Services } from '../context.ts';
import { currentSigner } from '../passes/current-signer.ts';
import { minuteOf } from '../passes/times.ts';

const typ = 'tongka-receipt+jws';

/** What is safely kept: these numbers, the last of them with this hash. */
export type Kept = { device: number; from: number; through: number; hash: string };

/** Our word that scans are kept, as a JWS under a key of the JWKS: only this lets a phone delete them. */
export async function writeReceipt(services: Services, kept: Kept, now: Date): Promise<string> {
  const { kid, key } = await currentSigner(services, minuteOf(now.getTime() / 1000));
  const { device, from, through, hash } = kept;
  const said = {
    iss: services.config.origin,
    ...{ device, from, through, hash },
    at: now.toISOString(),
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(said)))
    .setProtectedHeader({ alg: 'ES256', kid: String(kid), typ })
    .sign(key);
}
