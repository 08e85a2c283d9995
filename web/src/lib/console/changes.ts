import { waveFields } from '#lib/claims/desk/words.ts';
import { m } from '#lib/paraglide/messages.js';
import { fieldInWords, type Known, valueInWords } from './fields.ts';
import type { AuditEntry } from './types.ts';

const nothing = '–';

const actions = {
  'benefit.create': m.console_action_benefit_create,
  'benefit.change': m.console_action_benefit_change,
  'benefit.pause': m.console_action_benefit_pause,
  'benefit.resume': m.console_action_benefit_resume,
  'allocation.set': m.console_action_allocation_set,
  'opening.open': m.budgets_action_opening,
  'budget.set': m.budgets_action_set,
  'benefit.stage': m.budgets_action_stage,
  'category_limit.set': m.budgets_action_category,
  'partner.admit': m.console_action_partner_admit,
  'partner.remove': m.console_action_partner_remove,
  'admission.change': m.partners_action_admission_change,
  'admission.open': m.partners_action_admission_open,
  'admission.pause': m.partners_action_admission_pause,
  'partner.pause': m.partners_action_pause,
  'partner.resume': m.partners_action_resume,
  'partner.end': m.partners_action_end,
  'outlet.add': m.partners_action_outlet_add,
  'outlet.change': m.partners_action_outlet_change,
  'outlet.close': m.partners_action_outlet_close,
  'outlet.open': m.partners_action_outlet_open,
  'application.ask': m.partners_action_application_ask,
  'application.accept': m.partners_action_application_accept,
  'application.decline': m.partners_action_application_decline,
  'operator.invite': m.partners_action_operator_invite,
  'operator.remove': m.partners_action_operator_remove,
  'operator.suspend': m.console_action_operator_suspend,
  'operator.readmit': m.console_action_operator_readmit,
  'alert.close': m.console_action_alert_close,
  'card.block': m.console_action_card_block,
  'card.unblock': m.console_action_card_unblock,
  'card.print': m.mine_action_card_print,
  'card.revoke': m.mine_action_card_revoke,
  'proxy.appoint': m.mine_action_proxy_appoint,
  'member.erase': m.mine_action_member_erase,
  'members.import': m.console_action_members_import,
  'members.undo': m.members_action_undo,
  'members.cancel': m.members_action_cancel,
  'member.leave': m.members_action_leave,
  'member.return': m.members_action_return,
  'transfer.ask': m.members_action_transfer_ask,
  'transfer.decide': m.members_action_transfer_decide,
  'administrator.create': m.console_action_administrator_create,
  'second_factor.remove': m.console_action_second_factor_remove,
  'device.pair': m.console_action_device_pair,
  'device.revoke': m.console_action_device_revoke,
  'offline.decide': m.console_action_offline_decide,
  'period.begin': m.clearing_action_period_begin,
  'period.close': m.clearing_action_period_close,
  'day.seal': m.people_action_day_seal,
  'day.seal_claims': m.claims_action_day_seal,
  'statement.confirm': m.clearing_action_statement_confirm,
  'dispute.raise': m.clearing_action_dispute_raise,
  'dispute.decline': m.clearing_action_dispute_decline,
  'dispute.withdraw': m.clearing_action_dispute_withdraw,
  'dispute.dismiss': m.clearing_action_dispute_dismiss,
  'adjustment.make': m.clearing_action_adjustment_make,
  'line.suspend': m.clearing_action_line_suspend,
  'line.release': m.clearing_action_line_release,
  'statement.invoice': m.clearing_action_statement_invoice,
  'statement.pay': m.clearing_action_statement_pay,
  'officer.invite': m.people_action_officer_invite,
  'invitation.withdraw': m.people_action_invitation_withdraw,
  'invitation.decline': m.people_action_invitation_decline,
  'officer.appoint': m.people_action_officer_appoint,
  'officer.change': m.people_action_officer_change,
  'office.delegate': m.people_action_office_delegate,
  'delegation.end': m.people_action_delegation_end,
  'sessions.end': m.people_action_sessions_end,
  'union.create': m.people_action_union_create,
  'union.rename': m.people_action_union_rename,
  'proposal.make': m.people_action_proposal_make,
  'proposal.decline': m.people_action_proposal_decline,
  'proposal.withdraw': m.people_action_proposal_withdraw,
  'threshold.set': m.people_action_threshold_set,
  'claims.set': m.claims_action_set,
  'session.add': m.claims_action_session_add,
  'session.resize': m.claims_action_session_resize,
  'session.cancel': m.claims_action_session_cancel,
  'wave.add': m.claims_action_wave_add,
  'claim.decide': m.claims_action_claim_decide,
  'mark.lift': m.claims_action_mark_lift,
  'draw.commit': m.claims_action_draw_commit,
  'draw.run': m.claims_action_draw_run,
  'room.set': m.rooms_action_room_set,
  'codes.add': m.rooms_action_codes_add,
} satisfies Record<AuditEntry['action'], () => string>;

export const actionInWords = (action: AuditEntry['action']): string => actions[action]();

export const actionNames = Object.keys(actions) as AuditEntry['action'][];

/** Whose fields are called otherwise than elsewhere. */
const fieldsOf: Partial<Record<AuditEntry['action'], Record<string, () => string>>> = {
  'wave.add': waveFields,
};

/** One line a field, in words: what it was and what it is, or what it was or is for good. */
export function differences(
  {
    action,
    before,
    after,
  }: Pick<AuditEntry, 'before' | 'after'> & { action?: AuditEntry['action'] },
  known: Known,
): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => {
    const own = action === undefined ? undefined : fieldsOf[action]?.[name];
    const field = own?.() ?? fieldInWords(name) ?? name;
    const values = [before?.[name], after?.[name]] as const;
    const [was, is] = values.map((value) => valueInWords(name, value, known));
    const isSame = JSON.stringify(values[0]) === JSON.stringify(values[1]);
    // What stands on one side alone was or is for good, and did not turn into something else.
    if (isSame || values.includes(undefined)) {
      const value = is ?? was;
      return value === undefined ? [] : [m.console_change_same({ field, value })];
    }
    if (was === is) return [m.console_change_hidden({ field })];
    return [m.console_change({ field, was: was ?? nothing, is: is ?? nothing })];
  });
}
