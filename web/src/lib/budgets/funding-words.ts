import type { Terms } from '#lib/console/types.ts';
import { yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';

export type Share = NonNullable<Terms['funding']>[number];
export type Payer = Share['payer'];

export const payerNames = {
  owner: m.budgets_payer_owner,
  city: m.budgets_payer_city,
  home: m.budgets_payer_home,
  host: m.budgets_payer_host,
  headquarters: m.budgets_payer_headquarters,
  enterprise: m.budgets_payer_enterprise,
  discount: m.budgets_payer_discount,
  co_payment: m.budgets_payer_co_payment,
} satisfies Record<Payer, () => string>;

function shareInWords({ payer, amountFen, parts, capFen }: Share): string {
  const name = payerNames[payer]();
  const share =
    amountFen === undefined
      ? m.budgets_share_parts({ payer: name, parts: String(parts ?? 0) })
      : m.budgets_share_amount({ payer: name, amount: yuan(amountFen) });
  return capFen === undefined ? share : m.budgets_share_capped({ share, cap: yuan(capFen) });
}

/** A funding rule as one line: city: 1 parts · district of the headquarters: 2 parts. */
export const fundingInWords = (shares: readonly Share[] | null): string =>
  shares === null ? m.budgets_funding_none() : shares.map(shareInWords).join(' · ');

export const isFunding = (value: unknown): value is Share[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);

export const stageNames = {
  draft: m.budgets_stage_draft,
  test: m.budgets_stage_test,
  published: m.budgets_stage_published,
  ended: m.budgets_stage_ended,
} satisfies Record<Terms['stage'], () => string>;
