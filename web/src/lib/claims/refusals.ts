import type { ClaimReason } from '../../../../api/errors.ts';
import { inWords } from '#lib/errors.ts';
import { Problem } from '#lib/problem.ts';
import { claimWords } from './refusal-words.ts';
import { explainProblem, type Explanation, isReason } from '#lib/reasons.ts';

/** Why a claim was not made or changed, in words. */
export function explainClaim(thrown: unknown): Explanation {
  if (!(thrown instanceof Problem)) return { title: inWords(thrown), text: '' };
  if (isReason(thrown.code)) return explainProblem(thrown);
  return thrown.code in claimWords
    ? { title: claimWords[thrown.code as ClaimReason](), text: '' }
    : { title: inWords(thrown), text: '' };
}
