import { utf8 } from './bytes.ts';
import { isSigned, type CityKey } from './signature.ts';

/** The cards that can still show a pass and may not use it, as of an instant (epoch milliseconds). */
export type StatusList = { issuedAt: number; cards: ReadonlySet<number> };

const version = 1;
const at = { version: 0, kid: 1, issuedAt: 2, parameter: 6, count: 7, gaps: 11 };
const signatureBytes = 64;
const cardMax = 2 ** 40;

/** The list out of the server's bytes; null unless one of the city's keys signed exactly them. */
export async function openStatusList(
  bytes: Uint8Array<ArrayBuffer>,
  keys: readonly CityKey[],
): Promise<StatusList | null> {
  if (bytes.length < at.gaps + signatureBytes || bytes[at.version] !== version) return null;
  const end = bytes.length - signatureBytes;
  const isOurs = await isSigned(
    keys,
    String(bytes[at.kid]),
    bytes.slice(end),
    Uint8Array.from([...utf8('tongka-card-status\n'), ...bytes.subarray(0, end)]),
  );
  if (isOurs !== true) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const gaps = new Gaps(bytes.subarray(at.gaps, end), view.getUint8(at.parameter));
  const cards = readCards(gaps, view.getUint32(at.count));
  return cards && { issuedAt: view.getUint32(at.issuedAt) * 1000, cards };
}

function readCards(gaps: Gaps, count: number): Set<number> | null {
  const cards = new Set<number>();
  let card = 0;
  for (let read = 0; read < count; read++) {
    const gap = gaps.next();
    if (gap === null || card + gap >= cardMax) return null;
    card += gap;
    cards.add(card);
  }
  return cards;
}

/** Golomb–Rice: the quotient in unary (ones, then a zero), then the remainder in `parameter` bits, high bit first. */
class Gaps {
  readonly #bytes: Uint8Array;
  readonly #parameter: number;
  #bit = 0;

  constructor(bytes: Uint8Array, parameter: number) {
    this.#bytes = bytes;
    this.#parameter = parameter;
  }

  next(): number | null {
    let value = 0;
    for (let bit = this.#read(); bit !== 0; bit = this.#read()) {
      if (bit === null) return null;
      value += 1;
    }
    // Beyond JavaScript's bit operations: gaps have up to 40 bits.
    for (let left = this.#parameter; left > 0; left--) {
      const bit = this.#read();
      if (bit === null) return null;
      value = value * 2 + bit;
    }
    return value;
  }

  #read(): number | null {
    const byte = this.#bytes[this.#bit >> 3];
    if (byte === undefined) return null;
    return (byte >> (7 - (this.#bit++ & 7))) & 1;
  }
}
