import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { type OpeningHours, outlet } from '../../db/schema/partners.ts';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { managed } from '../operators/managed.ts';
import { outletFields } from './outlet-fields.ts';

const { addressZh, addressEn, hours } = outletFields;

export const outletChange = z.strictObject({ addressZh, addressEn, hours });

/** What members read of an outlet, for its partner's manager; the union that contracted it finds it in its audit. */
export async function changeOutlet(
  c: Ctx,
  id: number,
  change: z.output<typeof outletChange>,
): Promise<{ id: number }> {
  const changed = await c.env.db.transaction(async (tx) => {
    const [row] = await tx.execute<Change & { unionId: number }>(sql`
      select p.union_id as "unionId", o.address_zh as "addressZh", o.address_en as "addressEn", o.hours
      from outlet o join partner p on p.id = o.partner_id
      where o.id = ${id} and o.partner_id in (${managed(c)})
      for no key update of o`);
    if (!row) return undefined;
    const { unionId, ...before } = row;
    if (JSON.stringify(said(before)) === JSON.stringify(said(change))) return { id };
    await tx.update(outlet).set(change).where(eq(outlet.id, id));
    await record(tx, {
      userId: signedIn(c).userId,
      unionId,
      action: 'outlet.change',
      subject: 'outlet',
      subjectId: id,
      reason: null,
      before: said(before),
      after: said(change),
    });
    return { id };
  });
  return changed ?? refuse(c);
}

type Change = z.output<typeof outletChange>;

const said = ({ hours: times, ...addresses }: Change) => ({
  addressZh: addresses.addressZh,
  addressEn: addresses.addressEn,
  hours: inWords(times),
});

/** Monday first: 09:00-21:00, or a hyphen for a day that is shut. */
function inWords(times: OpeningHours): string {
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return times.map((day) => (day ? `${clock(day.opens)}-${clock(day.closes)}` : '-')).join(', ');
}
