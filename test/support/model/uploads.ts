import fc from 'fast-check';

export const deviceCount = 3;
export const memberCount = 3;
/** One benefit for each who may bear what is one use too many. */
export const bearers = ['union', 'district', 'partner'] as const;
/** What a device holds of each benefit. */
export const leaseUnits = 4;

/** Whose pass a device scanned for what, `ago` whole minutes and then at which second. */
export type OfflineScan = {
  device: number;
  member: number;
  benefit: number;
  quantity: number;
  ago: number;
  second: number;
};

/** What one upload carries of a device's chain. */
export type Delivery = { device: number; from: number; count: number };

/** What offline phones scanned, and one way in which the network lets them tell it. */
export type Telling = { scans: OfflineScan[]; deliveries: Delivery[] };

const upTo = (max: number) => fc.nat({ max });
const device = upTo(deviceCount - 1);

const scan: fc.Arbitrary<OfflineScan> = fc.record({
  device,
  member: upTo(memberCount - 1),
  benefit: upTo(bearers.length - 1),
  quantity: fc.constantFrom(1, 1, 1, 2, 3),
  ago: upTo(3),
  second: fc.constantFrom(0, 20, 40),
});

const all = (of: number): Delivery => ({ device: of, from: 0, count: Infinity });
const devices = Array.from({ length: deviceCount }, (_, i) => i);

/** Device after device, each at once. */
export const inOneBreath: Delivery[] = devices.map(all);

/** Pieces of the chains in any order, some of them twice, some never; and at last everything. */
export const telling: fc.Arbitrary<Telling> = fc
  .record({
    scans: fc.array(scan, { minLength: 6, maxLength: 24 }),
    pieces: fc.array(fc.record({ device, from: upTo(8), count: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 10,
    }),
    last: fc.shuffledSubarray(devices, { minLength: deviceCount }),
  })
  .map(({ scans, pieces, last }) => ({ scans, deliveries: [...pieces, ...last.map(all)] }));

/** What each device has written down: an honest one spends no more than it holds. */
export function chainsOf(scans: OfflineScan[]): OfflineScan[][] {
  const spent = new Map<string, number>();
  const honest = scans.filter((one) => {
    const lease = `${one.device}/${one.benefit}`;
    const units = (spent.get(lease) ?? 0) + one.quantity;
    if (units > leaseUnits) return false;
    spent.set(lease, units);
    return true;
  });
  return devices.map((of) => honest.filter((one) => one.device === of));
}
