import type { Sql } from '../../db/client.ts';
import type { benefit } from '../../db/schema/benefits.ts';
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
} | null;

export type OfferedBenefit = {
  id: number;
  kind: (typeof benefit.$inferSelect)['kind'];
  titleZh: string;
  titleEn: string;
  priceFen: number;
  faceValueFen: number;
  quantityMax: number;
  /** Null when the member may use it here and now. */
  reason: Reason | null;
  detail: RefusalDetail;
  memberLeft: number | null;
  quotaLeft: number | null;
};

export type Preview =
  | { scannedAt: string; refusal: Reason; detail: RefusalDetail }
  | {
      scannedAt: string;
      refusal: null;
      cell: number;
      maskedName: string;
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
