import { count, yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { OfflineTerms } from './types.ts';

export type VariancePayer = OfflineTerms['variancePayer'];

export const payerNames = {
  union: m.console_offline_payer_union,
  district: m.console_offline_payer_district,
  partner: m.console_offline_payer_partner,
} satisfies Record<VariancePayer, () => string>;

/** What it means for each of the three to bear a use that was one too many. */
export const payerMeanings = {
  union: m.console_offline_payer_union_text,
  district: m.console_offline_payer_district_text,
  partner: m.console_offline_payer_partner_text,
} satisfies Record<VariancePayer, () => string>;

/** A policy's parts, by the name they have in a request. */
export const offlineFields: Record<string, () => string> = {
  units: m.console_offline_units,
  hours: m.console_offline_hours,
  cardUsesADay: m.console_offline_card_uses,
  valueMaxFen: m.console_offline_value_max,
  variancePayer: m.console_offline_payer,
} satisfies Record<keyof OfflineTerms, () => string>;

export function isOfflineTerms(value: unknown): value is OfflineTerms {
  return typeof value === 'object' && value !== null && 'variancePayer' in value;
}

/** The whole policy as one line. */
export function offlineInWords(terms: OfflineTerms): string {
  return [
    m.console_offline_said_units({ units: count(terms.units) }),
    m.console_offline_said_hours({ hours: count(terms.hours) }),
    m.console_offline_said_card_uses({ uses: count(terms.cardUsesADay) }),
    m.console_offline_said_value({ value: yuan(terms.valueMaxFen) }),
    m.console_offline_said_payer({ payer: payerNames[terms.variancePayer]() }),
  ].join(' · ');
}
