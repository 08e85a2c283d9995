import * as z from 'zod';
import type { Services } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Claims } from '../passes/pack.ts';
import { verifyPass } from '../passes/verify.ts';
import { cellOf, cellOfCard } from '../redemptions/id.ts';
import { callerId, integer } from '../validate.ts';

/** As the phone's `toISOString()` writes it. */
const exactInstant = z
  .string()
  .regex(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .refine((value) => {
    const ms = Date.parse(value);
    return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
  });

/** The body of an offline scan, its keys in the order in which the phone writes them. */
const shape = z.strictObject({
  id: callerId,
  pass: z.string().min(1).max(1000),
  benefit: integer(1),
  quantity: integer(1, 100),
  lease: integer(1),
  scannedAt: exactInstant,
  clockOffsetMs: z.int(),
  listAt: exactInstant.nullable(),
  user: z.string().regex(/^[\w-]{1,64}$/),
});

type Scan = z.infer<typeof shape>;

/** A scan for redeem(): what the phone wrote down, with what its pass says. */
export type OfflineItem = Claims &
  Pick<Scan, 'id' | 'benefit' | 'quantity' | 'lease' | 'scannedAt' | 'listAt' | 'user'>;

export type ReadScan =
  | { fault: null; item: OfflineItem }
  | { fault: 'pass_invalid'; scan: Pick<Scan, 'benefit' | 'quantity' | 'scannedAt'> }
  | { fault: 'malformed' };

/** The scan that a kept text means, once it is certain that one of our keys signed its pass; or why it means none. */
export async function readScan(services: Services, body: string): Promise<ReadScan> {
  const scan = parse(body);
  if (scan === null) return { fault: 'malformed' };
  const { id, benefit, quantity, lease, scannedAt, listAt, user } = scan;
  try {
    const claims = await verifyPass(services, scan.pass);
    if (cellOf(id) !== cellOfCard(claims.card)) return { fault: 'malformed' };
    const item = { id, benefit, quantity, lease, scannedAt, listAt, user, ...claims };
    return { fault: null, item };
  } catch (error) {
    if (error instanceof Problem) return { fault: 'pass_invalid', scan };
    throw error;
  }
}

/** Only the one text that stands for a scan: no other order, no key twice, no number said differently. */
function parse(body: string): Scan | null {
  try {
    const scan = shape.parse(JSON.parse(body));
    return JSON.stringify(scan) === body ? scan : null;
  } catch {
    return null;
  }
}
