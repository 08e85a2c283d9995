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
  'partner.admit': m.console_action_partner_admit,
  'partner.remove': m.console_action_partner_remove,
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
  'administrator.create': m.console_action_administrator_create,
  'second_factor.remove': m.console_action_second_factor_remove,
  'device.pair': m.console_action_device_pair,
  'device.revoke': m.console_action_device_revoke,
  'offline.decide': m.console_action_offline_decide,
} satisfies Record<AuditEntry['action'], () => string>;

export const actionInWords = (action: AuditEntry['action']): string => actions[action]();

export const actionNames = Object.keys(actions) as AuditEntry['action'][];

/** One line a field, in words: what it was and what it is, or what it was or is for good. */
export function differences(
  { before, after }: Pick<AuditEntry, 'before' | 'after'>,
  known: Known,
): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => {
    const field = fieldInWords(name) ?? name;
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
