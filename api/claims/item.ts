import type { Answers, ClaimState } from '../../db/schema/claims.ts';
import type { ClaimReason, Reason } from '../../db/schema/reasons.ts';

/** One item for claim(): what is wanted, by whom and, where that is another, for whom. Instants are ISO 8601. */
export type ClaimItem = {
  id: string;
  benefit: number;
  session: number | null;
  quantity: number;
  /** Where nothing is left, he would rather wait than hear so. */
  waits: boolean;
  answers: Answers;
  member: number | null;
  user: string;
  sessionAt: string;
  secondFactorAt: string | null;
};

/** `replayed`: the id was made before, and this is what it is by now. */
export type ClaimOutcome =
  | {
      outcome: 'made' | 'replayed';
      state: ClaimState;
      at: string;
      madeAt: string;
      answerBy: string | null;
    }
  | { outcome: 'upkeep_due' }
  | { outcome: Reason | ClaimReason; detail: Record<string, unknown> | null };
