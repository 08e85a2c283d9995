import { base64url } from 'jose';
import type { PostedDevice } from '../devices/posted.ts';
import { importDeviceKey } from '../devices/key.ts';
import { Problem } from '../errors.ts';
import type { Link, Sent } from './chain.ts';

const algorithm: EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };

/** Refuses an upload that was not signed by the device's own key, for this device, this place and this content. */
export async function requireSigned(
  { id, publicJwk }: Pick<PostedDevice, 'id' | 'publicJwk'>,
  { from, prev, items }: Sent,
  links: Link[],
  signature: string,
): Promise<void> {
  const text = ['tongka-upload', id, from, items.length, prev, links.at(-1)?.hash].join('\n');
  const isSigned = await crypto.subtle.verify(
    algorithm,
    await importDeviceKey(publicJwk),
    new Uint8Array(base64url.decode(signature)),
    new TextEncoder().encode(text),
  );
  if (!isSigned) throw new Problem('upload_not_signed');
}
