import type { Reason } from '../../db/schema/reasons.ts';

/** One item for redeem(): what was scanned, by whom, and what is to be used. Instants are ISO 8601, `exp` epoch seconds. */
export type Item = {
  id: string;
  cell: number;
  card: number;
  jti: number;
  kid: number;
  exp: number;
  scannedAt: string;
  scanValidUntil: string;
  benefit: number;
  outlet: number;
  quantity: number;
  user: string;
  sessionAt: string;
};

type Booked<Word> = {
  outcome: Word;
  at: Date;
  quantity: number;
  priceFen: number;
  /** What the member pays of it at the counter. */
  coPaymentFen: number;
  memberLeft: number;
};

/** `replayed`: the id was accepted before, and this is its row. */
export type Outcome =
  | Booked<'accepted'>
  | Booked<'replayed'>
  | { outcome: Reason; detail: Record<string, unknown> | null };
