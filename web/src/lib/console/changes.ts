import { m } from '#lib/paraglide/messages.js';
import type { AuditEntry } from './types.ts';

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
  'members.import': m.console_action_members_import,
  'administrator.create': m.console_action_administrator_create,
  'second_factor.remove': m.console_action_second_factor_remove,
} satisfies Record<AuditEntry['action'], () => string>;

export const actionInWords = (action: AuditEntry['action']): string => actions[action]();

export const actionNames = Object.keys(actions) as AuditEntry['action'][];

/** One line a field: what it was, what it is. Field names are the data's own, as in an export. */
export function differences({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => {
    const [was, is] = [before?.[name], after?.[name]].map(asText);
    if (was === is) return is === '' ? [] : [`${name}: ${is}`];
    return [`${name}: ${was === '' ? '–' : was} → ${is === '' ? '–' : is}`];
  });
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
