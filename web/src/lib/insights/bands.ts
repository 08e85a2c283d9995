import { m } from '#lib/paraglide/messages.js';
import type { TakeUp } from './types.ts';

type Band = TakeUp['byAge'][number]['bands'][number];

const names = {
  to_29: m.insights_band_to_29,
  to_39: m.insights_band_to_39,
  to_49: m.insights_band_to_49,
  to_59: m.insights_band_to_59,
  from_60: m.insights_band_from_60,
  unknown: m.insights_band_unknown,
} satisfies Record<Band, () => string>;

const order = Object.keys(names) as Band[];

/** The bands that stand together, from the youngest on. */
export const bandNames = (bands: readonly Band[]): string =>
  bands
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((band) => names[band]())
    .join(' + ');

/** The youngest of a line first. */
export const byAge = (a: { bands: readonly Band[] }, b: { bands: readonly Band[] }): number =>
  youngest(a.bands) - youngest(b.bands);

const youngest = (bands: readonly Band[]): number =>
  Math.min(...bands.map((band) => order.indexOf(band)));
