import { inWords } from '#lib/errors.ts';
import { count } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { Problem } from '#lib/problem.ts';

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
    case 'invalid_request': {
      const fields = wrongFields(thrown);
      return fields.length === 0
        ? inWords(thrown)
        : m.console_wrong_fields({ fields: fields.join(', ') });
    }
    default:
      return inWords(thrown);
  }
}

function wrongFields({ facts }: Problem): string[] {
  if (!Array.isArray(facts['fields'])) return [];
  return facts['fields'].flatMap((one: unknown) =>
    typeof one === 'object' && one !== null && 'field' in one ? [String(one.field)] : [],
  );
}
