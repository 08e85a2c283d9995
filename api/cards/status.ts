import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { tagOf } from '../entity-tag.ts';
import { currentSigner } from '../passes/current-signer.ts';
import { minuteOf } from '../passes/times.ts';
import { encodeRice } from './rice.ts';
import { readRefusedCards } from './status-queries.ts';

const version = 1;
const at = { version: 0, kid: 1, issuedAt: 2, k: 6, count: 7, bits: 11 };
const signatureBytes = 64;
const algorithm: EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };
const purpose = 'tongka-card-status\n';

export type CardStatusList = {
  /** Of what it says, not of when. */
  tag: string;
  write: () => Promise<Uint8Array<ArrayBuffer>>;
};

/**
 * The cards whose passes must be refused though they are genuine and in time, for a phone that cannot ask: signed, and in
 * less than four bytes a card. Only those that a pass may still claim: a booklet is two hours long.
 */
export async function cardStatus(c: Ctx): Promise<CardStatusList> {
  const found = await readRefusedCards(c.env.sql, signedIn(c));
  if (!found) return refuse(c);
  const { now, numbers } = found;
  const signer = await currentSigner(c.env, minuteOf(now));
  return {
    tag: await tagOf([version, signer.kid, numbers]),
    write: () => write(numbers, Math.floor(now), signer),
  };
}

async function write(
  numbers: number[],
  issuedAt: number,
  { kid, key }: { kid: number; key: CryptoKey },
): Promise<Uint8Array<ArrayBuffer>> {
  const { k, bits } = encodeRice(numbers);
  const bytes = new Uint8Array(at.bits + bits.length + signatureBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(at.version, version);
  view.setUint8(at.kid, kid);
  view.setUint32(at.issuedAt, issuedAt);
  view.setUint8(at.k, k);
  view.setUint32(at.count, numbers.length);
  bytes.set(bits, at.bits);
  const said = bytes.subarray(0, at.bits + bits.length);
  const signature = await crypto.subtle.sign(algorithm, key, withPurpose(said));
  bytes.set(new Uint8Array(signature), said.length);
  return bytes;
}

/** So that the signature is good for nothing else. */
function withPurpose(said: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new TextEncoder().encode(purpose);
  const signed = new Uint8Array(prefix.length + said.length);
  signed.set(prefix);
  signed.set(said, prefix.length);
  return signed;
}
