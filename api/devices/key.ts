import * as z from 'zod';
import type { DeviceKey } from '../../db/schema/devices.ts';
import { Problem } from '../errors.ts';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');

/** The public half of a phone's key, and nothing else: a private half is refused. */
export const deviceKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
});

const curve: EcKeyImportParams = { name: 'ECDSA', namedCurve: 'P-256' };

/** For checking what the phone signed. */
export function importDeviceKey(jwk: DeviceKey): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', jwk, curve, false, ['verify']);
}

/** Refuses two numbers that are no point of the curve. */
export async function requirePoint(jwk: DeviceKey): Promise<void> {
  try {
    await importDeviceKey(jwk);
  } catch {
    throw new Problem('invalid_request', {
      fields: [{ field: 'publicKey', message: 'must be a point of the curve P-256' }],
    });
  }
}
