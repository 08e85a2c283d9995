import { fromBase32, toBase64Url, utf8 } from './bytes.ts';
import { isLowS, isSigned, type CityKey } from './signature.ts';

/** What a pass says: which key signed it, whose card it is, its own number, and its last second (epoch). */
export type Pass = { kid: number; card: number; jti: number; exp: number };

export type PassFault =
  'pass_invalid' | 'pass_of_another_city' | 'pass_key_unknown' | 'pass_printed';

/** Of a card on paper, which only the server can tell from a copy: the ID card has to be checked with it. */
const printedKid = 0;

const passBytes = 79;
const tokenLength = 127;
const at = { kid: 0, card: 1, jti: 6, exp: 11, signature: 15 };
const typ = 'tongka-pass+jws';

const passSeconds = 60;
const earlySeconds = 10;
const cellBits = 34;

/** The pass in a scanned address if one of the city's keys signed it, or what is wrong with it. Its times are not judged here. */
export async function openPass(
  address: string,
  issuer: string,
  keys: readonly CityKey[],
): Promise<Pass | PassFault> {
  const read = readPass(address);
  if (read === null) return 'pass_invalid';
  const { origin, signature, ...pass } = read;
  if (origin.toLowerCase() !== issuer.toLowerCase()) return 'pass_of_another_city';
  if (pass.kid === printedKid) return 'pass_printed';
  const isOurs = await isSigned(keys, String(pass.kid), signature, signed(issuer, pass));
  if (isOurs === null) return 'pass_key_unknown';
  return isOurs && isLowS(signature) ? pass : 'pass_invalid';
}

type Read = Pass & { origin: string; signature: Uint8Array<ArrayBuffer> };

/** What a scanned address says, whoever signed it; null when it is no pass by its form. */
export function readPass(address: string): Read | null {
  const [, origin, token] = /^(https?:\/\/[^/?#@\s]+)\/q\/([a-z2-7]+)$/i.exec(address) ?? [];
  const bytes = token?.length === tokenLength ? fromBase32(token) : null;
  if (origin === undefined || bytes?.length !== passBytes) return null;
  const view = new DataView(bytes.buffer);
  return {
    origin,
    kid: view.getUint8(at.kid),
    card: read40(view, at.card),
    jti: read40(view, at.jti),
    exp: view.getUint32(at.exp),
    signature: bytes.slice(at.signature),
  };
}

/** Against the clock (epoch milliseconds): null where the pass is good, as redeem() judges it. */
export function untimely({ exp }: Pass, now: number): 'pass_not_yet_valid' | 'pass_expired' | null {
  if (now < (exp - passSeconds - earlySeconds) * 1000) return 'pass_not_yet_valid';
  return now >= exp * 1000 ? 'pass_expired' : null;
}

/** The cell of the member, which a card's number begins with. */
export function cellOfCard(card: number): number {
  return Math.floor(card / 2 ** cellBits);
}

/** The header and the payload of the pass as a JWS, byte for byte as they were signed. */
function signed(issuer: string, { kid, card, jti, exp }: Pass): Uint8Array<ArrayBuffer> {
  const header = { alg: 'ES256', kid: String(kid), typ };
  const payload = { iss: issuer, card: String(card), jti: String(jti), exp };
  const parts = [header, payload].map((part) => toBase64Url(utf8(JSON.stringify(part))));
  return utf8(parts.join('.'));
}

function read40(view: DataView, offset: number): number {
  return view.getUint8(offset) * 2 ** 32 + view.getUint32(offset + 1);
}
