import { m } from '#lib/paraglide/messages.js';
import type { Affected, Field, Import, RowProblem } from './types.ts';

export const fieldNames: Record<Field, () => string> = {
  name: m.members_name,
  phone: m.members_phone,
  idNumber: m.members_id_number,
  unit: m.members_unit,
  branch: m.members_branch,
  district: m.members_district,
  bornOn: m.members_born,
  tags: m.members_tags,
  familySize: m.members_family,
};

export const problemNames: Record<RowProblem, () => string> = {
  row_malformed: m.members_row_malformed,
  name_invalid: m.members_row_name,
  identity_missing: m.members_row_identity,
  number_rounded: m.members_row_rounded,
  phone_invalid: m.members_row_phone,
  id_number_invalid: m.members_row_id,
  id_number_check_digit: m.members_row_check_digit,
  born_invalid: m.members_row_born,
  tags_invalid: m.members_row_tags,
  family_invalid: m.members_row_family,
  unit_missing: m.members_row_unit_missing,
  unit_unknown: m.members_row_unit_unknown,
  unit_ambiguous: m.members_row_unit_ambiguous,
  duplicate_in_file: m.members_row_duplicate,
  id_number_differs: m.members_row_id_differs,
  phone_of_another: m.members_row_phone_of_another,
  member_elsewhere: m.members_row_elsewhere,
  changed_meanwhile: m.members_row_meanwhile,
};

export const stateNames: Record<Import['state'], () => string> = {
  uploading: m.members_state_uploading,
  uploaded: m.members_state_uploaded,
  checking: m.members_state_checking,
  checked: m.members_state_checked,
  committing: m.members_state_committing,
  done: m.members_state_done,
  undoing: m.members_state_undoing,
  undone: m.members_state_undone,
  cancelled: m.members_state_cancelled,
  failed: m.members_state_failed,
};

export const undoneNames: Record<NonNullable<Affected['undone']>, () => string> = {
  undone: m.members_undone,
  has_card: m.members_undone_has_card,
  was_used: m.members_undone_was_used,
  changed_since: m.members_undone_changed_since,
};
