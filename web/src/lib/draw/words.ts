import { yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { said } from '#lib/said.ts';
import type { Tone } from '#lib/ui/tone.ts';
import type { Draw, Prize, Winner } from './types.ts';

/** A share to a tenth of a percent. */
export function share(part: number, whole: number): string {
  return new Intl.NumberFormat(getLocale(), {
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(whole === 0 ? 0 : part / whole);
}

/** A figure that is an average, to a tenth. */
export function average(value: number): string {
  return new Intl.NumberFormat(getLocale(), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(value);
}

export function prizeName(prizes: readonly Prize[], id: number | null): string {
  const prize = prizes.find((one) => one.id === id);
  if (prize === undefined) return m.draws_prize();
  return said(prize, 'title') || yuan(prize.priceFen);
}

export const standings: Record<Winner['standing'], { tone: Tone; word: () => string }> = {
  kept: { tone: 'success', word: m.draws_standing_kept },
  open: { tone: 'info', word: m.draws_standing_open },
  gone: { tone: 'neutral', word: m.draws_standing_gone },
};

/** How many tickets an entry has, in a sentence. */
export function weightsInWords({ weights }: Draw): string[] {
  const { neverWon = 0, tags = {} } = weights;
  return [
    m.draws_weight_each(),
    ...(neverWon > 0 ? [m.draws_weight_never_won({ count: neverWon })] : []),
    ...Object.entries(tags)
      .filter(([, more]) => more > 0)
      .map(([tag, more]) => m.draws_weight_tag({ tag, count: more })),
  ];
}
