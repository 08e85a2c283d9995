import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { type DeviceItem, readDeviceItems } from './queries.ts';

/** For the phone that made them: what became of its scans, later changes and decisions included. */
export async function listItems(
  c: Ctx,
  device: number,
  after: number,
): Promise<{ items: DeviceItem[] }> {
  const items = await readDeviceItems(c.env.sql, signedIn(c), device, after);
  return items ? { items } : refuse(c);
}
