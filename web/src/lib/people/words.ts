import { m } from '#lib/paraglide/messages.js';
import type { Tone } from '#lib/ui/tone.ts';
import type { Proposal, Role, Verification } from './types.ts';

export const roleNames = {
  administrator: m.people_role_administrator,
  finance: m.people_role_finance,
  editor: m.people_role_editor,
  viewer: m.people_role_viewer,
  auditor: m.people_role_auditor,
  deputy: m.people_role_deputy,
} satisfies Record<Role | 'deputy', () => string>;

export const roleDeeds = {
  administrator: m.people_may_administrator,
  finance: m.people_may_finance,
  editor: m.people_may_editor,
  viewer: m.people_may_viewer,
  auditor: m.people_may_auditor,
} satisfies Record<Role, () => string>;

export const proposalNames = {
  'budget.set': m.people_proposal_budget_set,
  'allocation.set': m.people_proposal_allocation_set,
  'funding.set': m.people_proposal_funding_set,
  'opening.open': m.people_proposal_opening_open,
  'admission.set': m.people_proposal_admission_set,
  'adjustment.make': m.people_proposal_adjustment_make,
  'statement.pay': m.people_proposal_statement_pay,
  'threshold.set': m.people_proposal_threshold_set,
  'draw.run': m.claims_proposal_draw_run,
} satisfies Record<Proposal['action'], () => string>;

export const obstacles = {
  own: m.people_obstacle_own,
  expired: m.people_obstacle_expired,
  role: m.people_obstacle_role,
  decided: m.people_obstacle_decided,
} satisfies Record<NonNullable<Proposal['obstacle']>, () => string>;

export const states = {
  open: { tone: 'info', word: m.people_state_open },
  confirmed: { tone: 'success', word: m.people_state_confirmed },
  declined: { tone: 'error', word: m.people_state_declined },
  withdrawn: { tone: 'neutral', word: m.people_state_withdrawn },
  stale: { tone: 'neutral', word: m.people_state_stale },
} satisfies Record<Proposal['state'], { tone: Tone; word: () => string }>;

export const stateNames: Record<string, () => string> = Object.fromEntries(
  Object.entries(states).map(([state, { word }]) => [state, word]),
);

export const faults = {
  edited: m.people_fault_edited,
  lost: m.people_fault_lost,
  gap: m.people_fault_gap,
  unlinked: m.people_fault_unlinked,
  foreign: m.people_fault_foreign,
  cut: m.people_fault_cut,
  altered: m.people_fault_altered,
} satisfies Record<Verification['faults'][number]['fault'], () => string>;
