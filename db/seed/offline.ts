import { createHash } from 'node:crypto';
import { toContent } from '../../api/passes/content.ts';
import { signingInput } from '../../api/passes/jws.ts';
import { openKey } from '../../api/passes/seal.ts';
import { sign } from '../../api/passes/signature.ts';
import { minuteOf, passSeconds } from '../../api/passes/times.ts';
import type { Transaction } from '../client.ts';
import type { DeviceKey } from '../schema/devices.ts';
import type { Benefit } from './benefits.ts';
import { dayMs, minuteMs } from './calendar.ts';
import type { Outlet } from './partners.ts';
import type { Random } from './random.ts';
import type { Staff } from './staff.ts';
import { uuidv7 } from './uuid.ts';

export type OfflineContext = {
  now: number;
  secret: string;
  /** Of this installation: its passes name it. */
  origin: string;
  random: Random;
  benefits: readonly Benefit[];
  outlets: readonly Outlet[];
  staff: Staff;
  /** Phones of the role switcher's people, as they are stored. */
  named: string[];
};

type Holder = { cell: number; card: number; used: number; isMember: boolean };
type Phone = { id: number; lease: number; userId: string };
type Scan = { holder: Holder; minutesAgo: number; second: number; jti: number };
type Written = { body: string; item: Record<string, string | number | null> };

const title = 'Union film ticket';
const pairedDaysAgo = 9;
const firstHash = '0'.repeat(64);
/** The private half of this key was never kept: nothing more comes from these phones. */
const publicJwk: DeviceKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'rxMj5UyZLg_ViZGi7d1T7K6g4z8pRq8OGTZ16-5miY8',
  y: '1ix9nJOK6r6SZpM7HqY4RLBGW9kRP7ZrY3D3LdLmsno',
};

/**
 * An afternoon without a network at two branches of the cinema chain, uploaded just now through the same functions as any
 * other: most of it accepted, one code used at both, one use above the limit, and one of somebody who had left.
 */
export async function inventOfflineUse(tx: Transaction, context: OfflineContext): Promise<void> {
  const film = context.benefits.find(({ offer }) => offer.titleEn === title);
  if (!film) throw new Error(`The demo city has no ${title}.`);
  const desk = await pair(tx, context, film.id, 'Huaixu Cinema, Jiuxianqiao', '前台一号');
  const window = await pair(tx, context, film.id, 'Huaixu Cinema, Dongzhimen', '售票厅');
  const holders = await findHolders(tx, context, film.id);
  const members = holders.filter(({ isMember, used }) => isMember && used === 0);
  const [limit] = film.offer.limit;
  const tired = holders.find(({ isMember, used }) => isMember && used >= limit);
  const gone = holders.find(({ isMember }) => !isMember);
  const scan = (holder: Holder | undefined, minutesAgo: number): Scan[] =>
    // Early in a month nobody is at the limit yet.
    holder ? [{ holder, minutesAgo, second: 12, jti: context.random.below(2 ** 20) }] : [];
  const shared = scan(members[0], 150);
  const again = shared.map((one) => ({ ...one, second: one.second + 20 }));
  const atDesk = [scan(members[1], 180), scan(gone, 171), shared, scan(tired, 139)].flat();
  const atWindow = [scan(members[2], 175), again, scan(members[3], 122)].flat();
  const write = await signer(tx, context, film.id);
  await upload(tx, window, await Promise.all(atWindow.map((one) => write(window, one))));
  await upload(tx, desk, await Promise.all(atDesk.map((one) => write(desk, one))));
}

async function pair(
  tx: Transaction,
  { now, outlets, staff }: OfflineContext,
  benefit: number,
  nameEn: string,
  name: string,
): Promise<Phone> {
  const outlet = outlets.find((one) => one.nameEn === nameEn);
  const operator = staff.byOutlet.get(outlet?.id ?? 0);
  if (!outlet || !operator) throw new Error(`Nobody scans at ${nameEn}.`);
  const pairedAt = new Date(now - pairedDaysAgo * dayMs);
  const [device] = await tx<{ id: number }[]>`
    insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
    values (${outlet.id}, ${name}, ${tx.json(publicJwk)}, ${operator.userId}, ${pairedAt}, ${pairedAt})
    returning id`;
  const id = device?.id ?? 0;
  const leases = await tx<{ lease: number; benefit: number }[]>`
    select lease, benefit from renew_leases(${id})`;
  const lease = leases.find((one) => one.benefit === benefit)?.lease ?? 0;
  return { id, lease, userId: operator.userId };
}

/** Nobody of the role switcher: their stories are told by whoever plays them. */
function findHolders(
  tx: Transaction,
  { now, named }: OfflineContext,
  benefit: number,
): Promise<Holder[]> {
  const at = new Date(now - 3 * 60 * minuteMs);
  return tx<Holder[]>`
    select c.cell, c.number as card, uses.units as used, stay.until > ${at} as "isMember"
    from card c
    join member m on m.cell = c.cell and m.id = c.member_id
    cross join lateral (
      select coalesce(sum(r.quantity), 0)::int as units from redemption r
      where r.cell = m.cell and r.member_id = m.id and r.benefit_id = ${benefit}
        and r.reversed_at is null and r.at >= period_start('month', ${at})
    ) uses
    cross join lateral (
      select max(coalesce(f.ended_at, 'infinity')) as until from affiliation f
      where f.cell = m.cell and f.member_id = m.id
    ) stay
    where c.status = 'live' and c.enrolled_at < ${at} and m.phone_hash <> all (${named})
    order by c.number`;
}

/** How a phone writes a scan down, with the pass that it saw. */
async function signer(
  tx: Transaction,
  { now, secret, origin, random }: OfflineContext,
  benefit: number,
): Promise<(phone: Phone, scan: Scan) => Promise<Written>> {
  const [sealed] = await tx<{ kid: number; cipher: Uint8Array }[]>`
    select kid, private_cipher as cipher from signing_key where revoked_at is null
    order by kid desc limit 1`;
  if (!sealed) throw new Error('There is no key that signs.');
  const { kid } = sealed;
  const jwk = await openKey(secret, kid, sealed.cipher);
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', jwk, curve, false, ['sign']);
  return async ({ lease, userId }, { holder, minutesAgo, second, jti }) => {
    const minute = minuteOf(now / 1000) - minutesAgo;
    const at = (minute * passSeconds + second) * 1000;
    const claims = { kid, card: holder.card, jti, exp: (minute + 1) * passSeconds };
    const id = uuidv7(random, at, holder.cell);
    const signature = await sign(key, signingInput(origin, claims));
    const pass = toContent(origin, { ...claims, signature });
    const scannedAt = new Date(at).toISOString();
    const body = JSON.stringify({
      ...{ id, pass, benefit, quantity: 1, lease, scannedAt },
      ...{ clockOffsetMs: 0, listAt: null, user: userId },
    });
    const item = { id, benefit, quantity: 1, lease, scannedAt, listAt: null, user: userId };
    return { body, item: { ...item, ...claims } };
  };
}

async function upload(tx: Transaction, { id }: Phone, scans: Written[]): Promise<void> {
  let hash = firstHash;
  const links = scans.map(({ body }, i) => {
    hash = createHash('sha256').update(`${hash}\n${body}`).digest('hex');
    return { seq: i + 1, hash, body };
  });
  await tx`select keep_offline_items(${id}, ${firstHash}, ${tx.json(links)})`;
  const items = scans.map(({ item }, i) => ({ seq: i + 1, ...item }));
  await tx`select book_offline_items(${id}, ${tx.json(items)})`;
}
