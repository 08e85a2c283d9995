import { sql } from 'drizzle-orm';
import type { DeviceKey } from '../../db/schema/devices.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';

export type PostedDevice = {
  id: number;
  name: string;
  publicJwk: DeviceKey;
  revokedAt: Date | null;
  /** The database's clock. */
  now: Date;
};

/** A device of an outlet where the caller is posted; anybody else hears what he hears of a missing one. */
export async function postedDevice(c: Ctx, id: number): Promise<PostedDevice> {
  const [device] = await c.env.db.execute<PostedDevice>(sql`
    select d.id, d.name, d.public_jwk as "publicJwk", d.revoked_at as "revokedAt", clock() as now
    from device d
    where d.id = ${id} and exists (
      select from ${authority(signedIn(c))} me
      where me.role in ('operator', 'manager') and d.outlet_id = any(me.outlet_ids))`);
  return device ?? refuse(c);
}

/** For what a revoked device gets no more. */
export function requireLive(revokedAt: Date | null): void {
  if (revokedAt !== null) throw new Problem('device_revoked', { at: revokedAt });
}
