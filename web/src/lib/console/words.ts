import { missingWords, sessionFields, wrongSentences } from '#lib/claims/desk/words.ts';
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

/** As `inWords`, with the figures and fields that only a desk needs; `own` is what a form asks of its fields. */
export function inDeskWords(thrown: unknown, own: Record<string, () => string> = {}): string {
  if (!(thrown instanceof Problem)) return inWords(thrown);
  switch (thrown.code) {
    case 'cap_below_used':
      return m.console_cap_below_used({ used: figure(thrown, 'used') });
    case 'cap_above_benefit':
      return m.console_cap_above_benefit({
        cap: figure(thrown, 'cap'),
        allocated: figure(thrown, 'allocated'),
      });
    case 'claims_incomplete':
      return m.claims_error_incomplete_of({ missing: lacking(thrown) });
    case 'transfer_declined':
      return m.members_error_declined_until({ again: when(String(thrown.facts['again']), 'day') });
    case 'invalid_request': {
      const paths = wrongPaths(thrown);
      const sentences = { ...wrongSentences, ...own };
      const said = new Set(paths.flatMap((path) => sentences[path]?.() ?? []));
      const fields = namesOf(paths.filter((path) => !(path in sentences)));
      if (fields.length > 0) said.add(m.console_wrong_fields({ fields: list(fields) }));
      return said.size === 0 ? inWords(thrown) : [...said].join(getLocale() === 'en' ? ' ' : '');
    }
    default:
      return inWordsAtDesk(thrown);
  }
}

function lacking({ facts }: Problem): string {
  const missing = Array.isArray(facts['missing']) ? facts['missing'] : [];
  return list(
    missing.flatMap((one: unknown) =>
      typeof one === 'string' && isLack(one) ? [missingWords[one]()] : [],
    ),
  );
}

const isLack = (text: string): text is keyof typeof missingWords =>
  Object.hasOwn(missingWords, text);

/** Where it is wrong, whichever of a list it is: sessions.3.startsAt is sessions.startsAt. */
function wrongPaths({ facts }: Problem): string[] {
  if (!Array.isArray(facts['fields'])) return [];
  return facts['fields'].map((one: unknown) => {
    const path = typeof one === 'object' && one !== null && 'field' in one ? String(one.field) : '';
    return path.replaceAll(/\.\d+(?=\.|$)/g, '');
  });
}

/** What the fields are called where they were filled in; one that no screen has is not named. */
function namesOf(paths: readonly string[]): string[] {
  const names = paths.flatMap((path) => {
    const [name = '', part = ''] = path.split('.');
    const ofPart = { offline: offlineFields, sessions: sessionFields }[name]?.[part]?.();
    const label = ofPart ?? asked[name]?.() ?? fieldInWords(name);
    return label === undefined ? [] : [label];
  });
  return [...new Set(names)];
}
