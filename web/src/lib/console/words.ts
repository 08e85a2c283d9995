import { inWordsAtDesk } from '#lib/desk-errors.ts';
import { inWords } from '#lib/errors.ts';
import { count, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { Problem } from '#lib/problem.ts';
import { fieldInWords } from './fields.ts';
import { offlineFields } from './offline-terms.ts';
import type { FilterName } from './redemption-filter.ts';

const asked: Record<string, () => string> = {
  from: m.console_from,
  to: m.console_to,
  benefit: m.console_benefit,
  district: m.console_home,
  host: m.console_host,
  partner: m.console_partner,
  outlet: m.console_outlet,
  state: m.console_state,
  reason: m.console_reason,
} satisfies Record<FilterName | 'reason', () => string>;

const list = (names: readonly string[]): string =>
  new Intl.ListFormat(getLocale(), { style: 'narrow', type: 'unit' }).format(names.map(quoted));
const quoted = (name: string): string => `“${name}”`;
const figure = (problem: Problem, name: string): string => count(Number(problem.facts[name] ?? 0));

/** As `inWords`, with the figures and fields that only a desk needs. */
export function inDeskWords(thrown: unknown): string {
  if (!(thrown instanceof Problem)) return inWords(thrown);
  switch (thrown.code) {
    case 'cap_below_used':
      return m.console_cap_below_used({ used: figure(thrown, 'used') });
    case 'cap_above_benefit':
      return m.console_cap_above_benefit({
        cap: figure(thrown, 'cap'),
        allocated: figure(thrown, 'allocated'),
      });
    case 'transfer_declined':
      return m.members_error_declined_until({ again: when(String(thrown.facts['again']), 'day') });
    case 'invalid_request': {
      const fields = wrongFields(thrown);
      return fields.length === 0
        ? inWords(thrown)
        : m.console_wrong_fields({ fields: list(fields) });
    }
    default:
      return inWordsAtDesk(thrown);
  }
}

/** What the fields are called where they were filled in; one that no screen has is not named. */
function wrongFields({ facts }: Problem): string[] {
  if (!Array.isArray(facts['fields'])) return [];
  const names = facts['fields'].flatMap((one: unknown) => {
    const path = typeof one === 'object' && one !== null && 'field' in one ? String(one.field) : '';
    const [name = '', part = ''] = path.split('.');
    const ofPolicy = name === 'offline' ? offlineFields[part]?.() : undefined;
    const label = ofPolicy ?? asked[name]?.() ?? fieldInWords(name);
    return label === undefined ? [] : [label];
  });
  return [...new Set(names)];
}
