import { stageNames } from '#lib/budgets/funding-words.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Tone } from '#lib/ui/tone.ts';
import type { BenefitOfUnion, Terms } from './types.ts';

type Timed = Pick<BenefitOfUnion | Terms, 'stage' | 'pausedAt' | 'startsAt' | 'endsAt'>;

/** Where a benefit stands now, in a word and a tone. */
export function standing(
  { stage, pausedAt, startsAt, endsAt }: Timed,
  now = Date.now(),
): { tone: Tone; word: string } {
  if (stage === 'ended') return { tone: 'neutral', word: stageNames.ended() };
  if (pausedAt !== null) return { tone: 'warning', word: m.console_state_paused() };
  if (stage !== 'published') return { tone: 'info', word: stageNames[stage]() };
  if (now < Date.parse(startsAt)) return { tone: 'info', word: m.console_state_ahead() };
  if (now >= Date.parse(endsAt)) return { tone: 'neutral', word: m.console_state_over() };
  return { tone: 'success', word: m.console_state_running() };
}

export type Totals = { used: number; leased: number; claimed: number; cap: number };

export function totals(pools: readonly Totals[]): Totals {
  return pools.reduce(
    (sum, { used, leased, claimed, cap }) => ({
      used: sum.used + used,
      leased: sum.leased + leased,
      claimed: sum.claimed + claimed,
      cap: sum.cap + cap,
    }),
    { used: 0, leased: 0, claimed: 0, cap: 0 },
  );
}
