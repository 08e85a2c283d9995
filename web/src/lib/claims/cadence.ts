import type { HeldClaim } from './types.ts';

const nextMilliseconds = 10_000;
const farMilliseconds = 120_000;
/** The server counts no more of those ahead (`claim_ahead`). */
const aheadMax = 1000;

type Turn = Pick<HeldClaim, 'state' | 'ahead'>;

/**
 * How long until there may be news of these claims. Who is far back in a wait list hears nothing for long, and fifty
 * thousand of them would ask more often than a server answers: from ten seconds for the first to two minutes for the
 * thousandth and who has none. `luck` from 0 to 1 spreads those who came at one moment over a fifth of that.
 */
export function newsMilliseconds(claims: readonly Turn[], luck: number): number {
  const waits = claims.map(({ state, ahead }) => (state === 'waiting' ? (ahead ?? 0) : 0));
  const ahead = Math.min(aheadMax, ...waits);
  const apart = nextMilliseconds + ((farMilliseconds - nextMilliseconds) * ahead) / aheadMax;
  return apart * (0.9 + luck / 5);
}
