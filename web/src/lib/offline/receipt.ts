import { openJws, type CityKey } from './signature.ts';

/** Which scans of which phone a receipt must speak of before they may be deleted. */
export type Awaited = {
  issuer: string;
  device: number;
  from: number;
  through: number;
  hash: string;
};

/** Whether the city signed that it keeps exactly these scans. Nothing else lets a phone delete one. */
export async function isReceiptFor(
  receipt: string,
  awaited: Awaited,
  keys: readonly CityKey[],
): Promise<boolean> {
  const said = await openJws(keys, 'tongka-receipt+jws', receipt);
  if (typeof said !== 'object' || said === null) return false;
  const { iss, device, from, through, hash } = said as Record<string, unknown>;
  return (
    iss === awaited.issuer &&
    device === awaited.device &&
    from === awaited.from &&
    through === awaited.through &&
    hash === awaited.hash
  );
}
