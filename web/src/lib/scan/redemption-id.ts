import { UUID, uuidv7obj } from 'uuidv7';

const cellMask = 63;

/** A new id for a redemption or a reversal: a UUIDv7 whose last six bits are the cell of the member. */
export function newId(cell: number): string {
  const bytes = Uint8Array.from(uuidv7obj().bytes);
  bytes[15] = ((bytes[15] ?? 0) & ~cellMask) | (cell & cellMask);
  return UUID.ofInner(bytes).toString();
}

export function cellOf(id: string): number {
  return parseInt(id.slice(-2), 16) & cellMask;
}
