import { applyPlaces } from '../allocations/change.ts';
import { applyOpening } from '../allocations/open-places.ts';
import { applyFunding } from '../benefits/terms-change.ts';
import { applyBudget } from '../budgets/set.ts';
import { applyAdmission } from '../partners/admit.ts';
import { applyAdjustment } from '../settlements/adjust.ts';
import type { Tx } from '../audit/record.ts';
import type { proposal } from '../../db/schema/proposals.ts';
import { confirmThreshold } from '../unions/threshold.ts';
import type { By, ProposalAction } from './propose.ts';

export type StoredProposal = typeof proposal.$inferSelect;

/**
 * Does what was proposed, in the confirmation's transaction, and writes its one audit entry with both names. Takes the
 * locks that the direct path takes, reads the subject under them, and throws `proposal_stale` where it is no longer as
 * `subjectVersion` says; any other refusal leaves the proposal open.
 */
export type Applier = (tx: Tx, by: By, proposal: StoredProposal) => Promise<void>;

/** What each slice does with its confirmed proposals. */
export const appliers: Record<ProposalAction, Applier> = {
  'budget.set': applyBudget,
  'allocation.set': applyPlaces,
  'funding.set': applyFunding,
  'opening.open': applyOpening,
  'admission.set': applyAdmission,
  'adjustment.make': applyAdjustment,
  'threshold.set': confirmThreshold,
};
