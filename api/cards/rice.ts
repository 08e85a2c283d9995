/** A set of 40-bit numbers in little space: Golomb–Rice codes of the gaps between them. */
export type RiceCoded = { k: number; bits: Uint8Array<ArrayBuffer> };

const numberBits = 40;

/**
 * The numbers, ascending, as gaps (the first one from zero): each gap's quotient by 2^k as so many ones and a zero, then
 * its remainder in k bits, most significant first; zeros fill the last byte. `k` is the one that makes it shortest.
 */
export function encodeRice(numbers: readonly number[]): RiceCoded {
  const gaps = numbers.map((number, i) => number - (numbers[i - 1] ?? 0));
  const k = bestOf(gaps);
  const writer = new BitWriter(lengthOf(gaps, k));
  for (const gap of gaps) {
    const quotient = Math.floor(gap / 2 ** k);
    writer.ones(quotient);
    writer.bits(0, 1);
    writer.bits(gap - quotient * 2 ** k, k);
  }
  return { k, bits: writer.bytes };
}

function bestOf(gaps: number[]): number {
  const lengths = Array.from({ length: numberBits }, (_, k) => lengthOf(gaps, k));
  return lengths.indexOf(Math.min(...lengths));
}

/** In bits. */
function lengthOf(gaps: number[], k: number): number {
  return gaps.reduce((sum, gap) => sum + Math.floor(gap / 2 ** k) + 1 + k, 0);
}

class BitWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bits: number) {
    this.bytes = new Uint8Array(Math.ceil(bits / 8));
  }

  ones(count: number): void {
    for (let i = 0; i < count; i++) this.bits(1, 1);
  }

  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--, this.#at++) {
      // Beyond 32 bits, so by division and not by shifts.
      const bit = Math.floor(value / 2 ** i) % 2;
      const byte = this.#at >> 3;
      this.bytes[byte] = (this.bytes[byte] ?? 0) | (bit << (7 - (this.#at & 7)));
    }
  }
}
