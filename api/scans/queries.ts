import type { Sql } from '../../db/client.ts';
import type { benefit, Limit } from '../../db/schema/benefits.ts';
import type { card } from '../../db/schema/members.ts';
import type { Reason } from '../../db/schema/reasons.ts';
import type { Actor } from '../caller.ts';
import type { Claims } from '../passes/pack.ts';

/** What stands beside a refusal: when and where a pass or limit was used up, and when it is possible again. */
export type RefusalDetail = {
  at?: string | null;
  again?: string | null;
  outletZh?: string;
  outletEn?: string;
  districtZh?: string;
  districtEn?: string;
  limit?: Limit;
} | null;

export type OfferedBenefit = {
  id: number;
  kind: (typeof benefit.$inferSelect)['kind'];
  titleZh: string;
  titleEn: string;
  priceFen: number;
  faceValueFen: number;
  /** What the member pays of one unit at the counter. */
  coPaymentFen: number;
  quantityMax: number;
  /** Null when the member may use it here and now. */
  reason: Reason | null;
  detail: RefusalDetail;
  memberLeft: number | null;
  quotaLeft: number | null;
  /** That of the claim which is used up, or which is for another time or place. */
  session: SessionBrief | null;
  /** A session that has room for him now, though he has no claim: POST /api/claim-sessions/:id/walk-ins. */
  walkIn: (SessionBrief & { left: number }) | null;
};

/** What a counter says of a session. Instants are ISO 8601. */
export type SessionBrief = {
  id: number;
  titleZh: string;
  titleEn: string;
  startsAt: string | null;
  endsAt: string | null;
};

/** What showed the pass: the member's own phone, a card on paper, or the phone of somebody who acts for him. */
export type CardKind = (typeof card.$inferSelect)['kind'];

export type Preview =
  | { scannedAt: string; refusal: Reason; detail: RefusalDetail }
  | {
      scannedAt: string;
      refusal: null;
      cell: number;
      maskedName: string;
      cardKind: CardKind;
      benefits: OfferedBenefit[];
    };

/** One statement that writes nothing. */
export async function preview(
  sql: Sql,
  { userId, sessionAt }: Actor,
  claims: Claims,
  outlet: number,
): Promise<Preview> {
  const scan = { ...claims, outlet, user: userId, sessionAt };
  const [row] = await sql<{ preview: Preview }[]>`select preview(${sql.json(scan)}) as preview`;
  if (!row) throw new Error('preview() gave no row.');
  return row.preview;
}

const guesses = { limit: 5, windowSeconds: 3600 };

/**
 * The number of the ID card behind a card as it is kept, null where none is, for one comparison: each is counted, over all
 * nodes, five in an hour a card. `wait` is 0 when this one may go on, else the seconds until the next.
 */
export async function takeGuess(
  sql: Sql,
  card: number,
): Promise<{ cipher: Uint8Array | null; wait: number }> {
  const [found] = await sql<{ cipher: Uint8Array | null; wait: number }[]>`
    select m.id_cipher as cipher, take_token(
      ${guessesOf(card)}, ${guesses.limit}, make_interval(secs => ${guesses.windowSeconds})
    ) as wait
    from card c
    join member m on m.cell = c.cell and m.id = c.member_id
    where c.cell = (${card}::bigint >> 34)::smallint and c.number = ${card}::bigint`;
  return found ?? { cipher: null, wait: 0 };
}

/** The comparison came out right, and does not count. */
export async function giveBackGuess(sql: Sql, card: number): Promise<void> {
  await sql`
    update rate_window set count = count - 1 where key = ${guessesOf(card)} and count > 0`;
}

const guessesOf = (card: number): string => `id check of ${card}`;
