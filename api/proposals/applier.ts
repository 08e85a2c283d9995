import type { Tx } from '../audit/record.ts';
import type { proposal } from '../../db/schema/proposals.ts';
import type { By } from './propose.ts';

export type StoredProposal = typeof proposal.$inferSelect;

/**
 * Does what was proposed, in the confirmation's transaction, and writes its one audit entry with both names. Takes the
 * locks that the direct path takes, reads the subject under them, and throws `proposal_stale` where it is no longer as
 * `subjectVersion` says; any other refusal leaves the proposal open.
 */
export type Applier = (tx: Tx, by: By, proposal: StoredProposal) => Promise<void>;
