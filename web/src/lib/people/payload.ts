import { fieldInWords, type Known, valueInWords } from '#lib/console/fields.ts';
import { yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Proposal } from './types.ts';

type Value = NonNullable<Parameters<typeof valueInWords>[1]>;
type Fields = Record<string, Value | null | undefined>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What a proposal would change, one line a field: from what to what where it says so, else what it would be. Fields
 * without a name on the screens are for the program alone.
 */
export function payloadInWords({ action, payload }: Proposal, known: Known): string[] {
  if (action === 'threshold.set') {
    return [
      m.console_change({
        field: m.people_threshold_title(),
        was: yuan(Number(payload['from'])),
        is: yuan(Number(payload['twoPersonFen'])),
      }),
    ];
  }
  const before = isFields(payload['before']) ? payload['before'] : {};
  const nested = [payload['after'], payload['terms']].filter(isFields);
  const after: Fields = Object.assign({}, payload, ...nested) as Fields;
  return Object.entries(after).flatMap(([name, value]) => {
    const field = fieldInWords(name);
    const is = valueInWords(name, value, known);
    if (field === undefined || is === undefined) return [];
    const was = valueInWords(name, before[name], known);
    if (was === undefined) return [m.console_change_same({ field, value: is })];
    return was === is ? [] : [m.console_change({ field, was, is })];
  });
}
