import { fieldInWords, type Known, valueInWords } from '#lib/console/fields.ts';
import { count, when, yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import type { Proposal } from './types.ts';

type Value = NonNullable<Parameters<typeof valueInWords>[1]>;
type Payload = Proposal['payload'];
type Place = { districtId: number | null; cap: number; topped: number };

const isFields = (value: unknown): value is Record<string, Value | null> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const money = (value: unknown): string => yuan(Number(value));
const figure = (value: unknown): string => count(Number(value));

/** What a proposal would change, one line a thing. */
export function payloadInWords({ action, payload }: Proposal, known: Known): string[] {
  const pool = (id: unknown): string =>
    valueInWords('districtId', typeof id === 'number' ? id : null, known) ?? '';
  switch (action) {
    case 'threshold.set': {
      const field = m.people_threshold_title();
      const [was, is] = [money(payload['from']), money(payload['twoPersonFen'])];
      return [m.console_change({ field, was, is })];
    }
    case 'budget.set':
      return [
        m.people_payload_budget({
          year: String(payload['year']),
          amount: money(payload['amountFen']),
        }),
      ];
    case 'opening.open':
      return [
        ...monthOf(payload),
        m.people_payload_opening({
          from: pool(payload['from']),
          to: pool(payload['to']),
          units: figure(payload['units']),
          until: when(String(payload['returnsAt']), 'date'),
        }),
      ];
    case 'allocation.set':
      return [...monthOf(payload), ...placesOf(payload).map((one) => placeInWords(one, pool))];
    case 'adjustment.make':
      return [m.people_payload_corrected({ amount: money(payload['correctedFen']) })];
    case 'statement.pay':
      return [
        m.people_payload_payment({
          reference: String(payload['bankReference']),
          day: when(`${String(payload['paidOn'])}T04:00:00Z`, 'date'),
        }),
      ];
    case 'funding.set':
      return fieldsInWords(payload['wanted'], known);
    case 'draw.run':
      return [
        m.draws_payload_number({
          name: said(
            { numberZh: String(payload['numberZh']), numberEn: String(payload['numberEn']) },
            'number',
          ),
          number: String(payload['number']),
        }),
      ];
    case 'admission.set':
      return [...fieldsInWords(payload, known), ...fieldsInWords(payload['terms'], known)];
  }
}

function monthOf({ month }: Payload): string[] {
  return typeof month === 'string' ? [m.people_payload_month({ month: month.slice(0, 7) })] : [];
}

function placesOf({ places }: Payload): Place[] {
  return Array.isArray(places) ? (places as Place[]) : [];
}

function placeInWords(
  { districtId, cap, topped }: Place,
  pool: (id: number | null) => string,
): string {
  const said = { pool: pool(districtId), cap: count(cap) };
  return topped === 0
    ? m.people_payload_places(said)
    : m.people_payload_topped({ ...said, topped: count(topped) });
}

/** Fields without a name on the screens are for the program alone. */
function fieldsInWords(fields: unknown, known: Known): string[] {
  if (!isFields(fields)) return [];
  return Object.entries(fields).flatMap(([name, value]) => {
    const field = fieldInWords(name);
    const said = valueInWords(name, value, known);
    return field === undefined || said === undefined
      ? []
      : [m.console_change_same({ field, value: said })];
  });
}
