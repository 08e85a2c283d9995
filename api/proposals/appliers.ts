import { applyPlaces } from '../allocations/change.ts';
import { applyOpening } from '../allocations/open-places.ts';
import { applyNumber } from '../claims/draws.ts';
import { applyFunding } from '../benefits/terms-change.ts';
import { applyBudget } from '../budgets/set.ts';
import { applyAdmission } from '../partners/admit.ts';
import { applyAdjustment } from '../settlements/adjust.ts';
import { applyPayment } from '../settlements/pay.ts';
import { confirmThreshold } from '../unions/threshold.ts';
import type { Applier } from './applier.ts';
import type { ProposalAction } from './propose.ts';

/** What each slice does with its confirmed proposals. */
export const appliers: Record<ProposalAction, Applier> = {
  'budget.set': applyBudget,
  'allocation.set': applyPlaces,
  'funding.set': applyFunding,
  'opening.open': applyOpening,
  'admission.set': applyAdmission,
  'adjustment.make': applyAdjustment,
  'statement.pay': applyPayment,
  'threshold.set': confirmThreshold,
  'draw.run': applyNumber,
};
