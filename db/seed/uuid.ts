import type { Random } from './random.ts';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** A UUIDv7 of that moment whose last six bits are the cell, as a phone makes it before it sends. */
export function uuidv7(random: Random, at: number, cell: number): string {
  const time = hex(Math.floor(at), 12);
  const head = hex(0x7000 | random.below(0x1000), 4);
  const variant = hex(0x8000 | random.below(0x4000), 4);
  const tail = hex(random.below(2 ** 16), 4) + hex(random.below(2 ** 24), 6);
  const last = hex(random.below(4) * 64 + cell, 2);
  return `${time.slice(0, 8)}-${time.slice(8)}-${head}-${variant}-${tail}${last}`;
}
