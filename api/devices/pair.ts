import { sql } from 'drizzle-orm';
import type { DeviceKey } from '../../db/schema/devices.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { named, type Named } from '../unions/named.ts';
import { hashOfCode } from './code.ts';
import { requirePoint } from './key.ts';

export type PairedDevice = { id: number; name: string; outlet: Named; pairedAt: Date };

type Taken = {
  outletId: number;
  outlet: Named;
  name: string;
  madeBy: string;
  unionId: number;
};

/** Turns an invitation into a device, once, for somebody who is posted at its outlet. */
export async function pair(c: Ctx, code: string, publicKey: DeviceKey): Promise<PairedDevice> {
  const actor = signedIn(c);
  await requirePoint(publicKey);
  const codeHash = await hashOfCode(code);
  const paired = await c.env.db.transaction(async (tx) => {
    const [taken] = await tx.execute<Taken>(sql`
      with me as materialized (
        select outlet_ids from ${authority(actor)} where role in ('operator', 'manager'))
      update device_pairing i set used_at = clock()
      from outlet o join partner p on p.id = o.partner_id
      where i.code_hash = ${codeHash} and i.used_at is null and i.expires_at > clock()
        and o.id = i.outlet_id and exists (select from me where o.id = any(me.outlet_ids))
      returning i.outlet_id as "outletId", ${named('o')} as outlet, i.name, i.made_by as "madeBy",
        p.union_id as "unionId"`);
    if (!taken) return undefined;
    const { outlet, name } = taken;
    const [device] = await tx.execute<{ id: number; pairedAt: Date }>(sql`
      insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
      values (${taken.outletId}, ${name}, ${JSON.stringify(publicKey)}::jsonb, ${actor.userId},
        clock(), clock())
      returning id, paired_at as "pairedAt"`);
    if (!device) throw new Error('The device was not stored.');
    await record(tx, {
      userId: actor.userId,
      unionId: taken.unionId,
      action: 'device.pair',
      subject: 'device',
      subjectId: device.id,
      reason: null,
      before: null,
      after: { name, outletId: taken.outletId, invitedBy: taken.madeBy },
    });
    return { id: device.id, name, outlet, pairedAt: device.pairedAt };
  });
  return paired ?? refuseCode(c);
}

/** Whoever scans somewhere hears only that the code is no good, wherever it would have led. */
async function refuseCode(c: Ctx): Promise<never> {
  const posts = await c.env.db.execute(sql`
    select from ${authority(signedIn(c))} where role in ('operator', 'manager') limit 1`);
  if (posts.length > 0) throw new Problem('pairing_invalid');
  return refuse(c);
}
