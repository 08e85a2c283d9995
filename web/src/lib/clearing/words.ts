import { when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { said } from '#lib/said.ts';
import type { Tone } from '#lib/ui/tone.ts';
import type { Decision, Dispute, Line, Period, Statement, Suspension } from './types.ts';

export const periodStates = {
  open: [m.clearing_period_open, 'neutral'],
  closing: [m.clearing_period_closing, 'info'],
  closed: [m.clearing_period_closed, 'success'],
} satisfies Record<Period['state'], [() => string, Tone]>;

export const blockers = {
  not_over: m.clearing_blocked_not_over,
  earlier_open: m.clearing_blocked_earlier_open,
} satisfies Record<Period['blockers'][number], () => string>;

export const statementStates = {
  open: [m.clearing_state_open, 'neutral'],
  disputed: [m.clearing_state_disputed, 'warning'],
  confirmed: [m.clearing_state_confirmed, 'success'],
  invoiced: [m.clearing_state_invoiced, 'info'],
  paid: [m.clearing_state_paid, 'success'],
} satisfies Record<Statement['state'], [() => string, Tone]>;

export const disputeStates = {
  open: [m.clearing_dispute_open, 'warning'],
  withdrawn: [m.clearing_dispute_withdrawn, 'neutral'],
  accepted: [m.clearing_dispute_accepted, 'success'],
  declined: [m.clearing_dispute_declined, 'warning'],
  upheld: [m.clearing_dispute_upheld, 'success'],
  dismissed: [m.clearing_dispute_dismissed, 'neutral'],
} satisfies Record<Dispute['state'], [() => string, Tone]>;

export const lineKinds = {
  redemption: m.clearing_line_redemption,
  reversal: m.clearing_line_reversal,
  adjustment: m.clearing_line_adjustment,
} satisfies Record<Line['kind'], () => string>;

export const decisions = {
  accept: m.clearing_accept,
  decline: m.clearing_decline,
  withdraw: m.clearing_withdraw,
  uphold: m.clearing_uphold,
  dismiss: m.clearing_dismiss,
} satisfies Record<Decision, () => string>;

/** Which lines of a statement are shown; all of them where it is empty. */
export type LineChoice = '' | 'disputed' | 'suspended' | 'late' | 'adjustment';

/** 2026-10-01 as 2026年10月. */
export function monthName(month: string): string {
  return new Intl.DateTimeFormat(getLocale(), {
    year: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  }).format(new Date(`${month}T00:00:00Z`));
}

/** Who a statement is with, besides its union. */
export function against({ other, partner }: Pick<Statement, 'other' | 'partner'>): string {
  const one = other ?? partner;
  return one === null ? '' : said(one, 'name');
}

/** What is left when both sides of a pair are set off: who pays whom, and how much. */
export function netOf({ union, other, debitFen, creditFen }: Statement) {
  const netFen = creditFen - debitFen;
  const [payer, payee] = netFen > 0 ? [other, union] : [union, other];
  return { fen: Math.abs(netFen), payer, payee };
}

/** What a partner is paid with a statement: before its invoice, as things stand. */
export function payableOf({ debitFen, suspendedFen, carriedFen }: Statement): number {
  return debitFen - suspendedFen + carriedFen;
}

/** Which use is meant: what, where and when. */
export function useName({ benefit, outlet, scannedAt }: Dispute | Suspension): string {
  return `${said(benefit, 'title')} · ${said(outlet, 'name')} · ${when(scannedAt, 'moment')}`;
}
