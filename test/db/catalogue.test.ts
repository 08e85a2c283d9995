// Risk: what a member is shown as near, left and possible is not what redeem() would give him.
import { describe, expect, test } from 'vitest';
import { buildCity, type Member } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
staysConsistent(sql);
const { home, host, hostEnterprise } = city.unions;

type Shown = {
  id: number;
  reason: string | null;
  memberLeft: number;
  placesLeft: number;
  outletCount: number;
  districtIds: number[];
  nearest: { id: number; distanceMetres: number | null } | null;
};

async function catalogue(
  member: Pick<Member, 'userId'>,
  where: { benefit?: number; near?: [number, number]; district?: number } = {},
): Promise<Shown[]> {
  const { benefit = null, near = [null, null], district = null } = where;
  return sql<Shown[]>`
    select id, reason, member_left as "memberLeft", places_left as "placesLeft",
      outlet_count as "outletCount", district_ids as "districtIds", nearest
    from catalogue(${member.userId}, now(), ${benefit}, ${near[0]}, ${near[1]}, ${district})`;
}

async function shown(...question: Parameters<typeof catalogue>): Promise<Shown> {
  const [row] = await catalogue(...question);
  if (!row) throw new Error('The catalogue has no such benefit.');
  return row;
}

describe('what is left', () => {
  test('counts the member’s own home places and the shared ones, and his own uses', async () => {
    const benefit = await city.addBenefit({
      limit: [3, 'month'],
      pools: { [home]: 10, [host]: 20, shared: 5 },
    });
    const resident = await city.addMember();
    await redeemOne(sql, city.item(resident, benefit));
    expect(await shown(resident, { benefit })).toMatchObject({ memberLeft: 2, placesLeft: 14 });
    const neighbour = await city.addMember({ enterprise: hostEnterprise });
    expect(await shown(neighbour, { benefit })).toMatchObject({ memberLeft: 3, placesLeft: 25 });
  });

  test('bounds what a scan offers to take at once', async () => {
    const pools = { [home]: 3, shared: 1 };
    const benefit = await city.addBenefit({ limit: [9, 'day'], quantityMax: 5, pools });
    const item = city.item(await city.addMember(), benefit);
    const { card, jti, kid, exp, outlet, user, sessionAt } = item;
    const scan = { card, jti, kid, exp, outlet, user, sessionAt };
    type Offer = { id: number; quantityMax: number; quotaLeft: number };
    const [row] = await sql<{ benefits: Offer[] }[]>`
      select preview(${sql.json(scan)}) -> 'benefits' as benefits`;
    const offer = row?.benefits.find(({ id }) => id === benefit);
    expect(offer).toMatchObject({ quantityMax: 3, quotaLeft: 4 });
    expect((await redeemOne(sql, { ...item, quantity: 4 })).outcome).toBe('quota_exhausted');
    expect((await redeemOne(sql, { ...item, quantity: 3 })).outcome).toBe('accepted');
  });
});

describe('near', () => {
  test('is by great circle where a position is given', async () => {
    const partner = await city.addPartner(host);
    const near = await city.addOutlet(partner, host);
    const far = await city.addOutlet(partner, home);
    await sql`update outlet set latitude = 39.9163, longitude = 116.3972 where id = ${near.id}`;
    await sql`update outlet set latitude = 40.3598, longitude = 116.02 where id = ${far.id}`;
    const benefit = await city.addBenefit({ partners: [partner] });
    const member = await city.addMember();
    // From the Temple of Heaven to the Forbidden City, and to the Great Wall at Badaling.
    const here: [number, number] = [39.8822, 116.4066];
    const { nearest, outletCount } = await shown(member, { benefit, near: here });
    expect([nearest?.id, outletCount]).toEqual([near.id, 2]);
    expect(nearest?.distanceMetres).toBeGreaterThan(3850);
    expect(nearest?.distanceMetres).toBeLessThan(3930);
  });

  test('is in the district asked for, else at home, where none is given', async () => {
    const benefit = await city.addBenefit();
    const member = await city.addMember();
    const atHome = await shown(member, { benefit });
    expect(atHome.nearest).toMatchObject({ id: city.homeOutlet.id, distanceMetres: null });
    const there = await shown(member, { benefit, district: host });
    expect(there.nearest?.id).toBe(city.outlet.id);
    expect(there.districtIds).toEqual([home, host].sort((a, b) => a - b));
  });

  test('knows only open outlets, where the benefit is valid', async () => {
    const partner = await city.addPartner(host);
    const closed = await city.addOutlet(partner, host);
    await sql`update outlet set closed_at = clock() where id = ${closed.id}`;
    await city.addOutlet(partner, home);
    const benefit = await city.addBenefit({ partners: [partner], validDistricts: [host] });
    const row = await shown(await city.addMember(), { benefit });
    expect(row).toMatchObject({ outletCount: 0, nearest: null, reason: 'partner_not_admitted' });
  });
});

describe('the list', () => {
  test('has usable benefits first, and none that is over', async () => {
    const member = await city.addMember({ tags: ['new'] });
    const over = await city.addBenefit({ endsAt: '2021-01-01T00:00:00Z' });
    const forOthers = await city.addBenefit({ audience: { tags: ['old'] } });
    const usable = await city.addBenefit({ audience: { tags: ['new', 'old'] } });
    const rows = await catalogue(member);
    const ids = rows.map(({ id }) => id);
    expect(ids).not.toContain(over);
    expect(ids.indexOf(usable)).toBeLessThan(ids.indexOf(forOthers));
    const firstRefused = rows.findIndex(({ reason }) => reason !== null);
    expect(rows.slice(firstRefused).every(({ reason }) => reason !== null)).toBe(true);
    expect(await shown(member, { benefit: over })).toMatchObject({ reason: 'benefit_ended' });
  });

  test('is empty for who left, and in a session that ended', async () => {
    const left = await city.addMember();
    await sql`update affiliation set ended_at = clock() where member_id = ${left.id}`;
    const signedOut = await city.addMember();
    await sql`
      update auth_user set sessions_valid_from = now() + interval '1 hour'
      where id = ${signedOut.userId}`;
    expect(await catalogue(left)).toEqual([]);
    expect(await catalogue(signedOut)).toEqual([]);
  });
});

describe('an audience', () => {
  test.each([
    ['everybody', {}, null],
    ['the home district', { districts: [home] }, null],
    ['the enterprise', { unions: [city.unions.homeEnterprise] }, null],
    ['a union above', { unions: [home] }, null],
    ['one of two unions', { unions: [city.unions.hostEnterprise, home] }, null],
    ['nobody', { districts: [] }, 'audience_district'],
    ['of no union', { unions: [] }, 'audience_union'],
    ['up to 36', { age: { max: 36 } }, null],
    ['up to 35', { age: { max: 35 } }, 'audience_age'],
    ['from 36', { age: { min: 36 } }, null],
    ['from 37', { age: { min: 37 } }, 'audience_age'],
    ['one of his tags', { tags: ['driver', 'parent'] }, null],
    ['none of his tags', { tags: ['driver'] }, 'audience_tag'],
    ['all keys must hold', { districts: [home], tags: ['driver'] }, 'audience_tag'],
  ])('%s', async (_, audience, reason) => {
    const [born] = await sql<{ on: string }[]>`
      select ((clock() at time zone 'Asia/Shanghai')::date - interval '36 years')::date::text as on`;
    const member = await city.addMember({ bornOn: born?.on ?? '', tags: ['parent'] });
    const benefit = await city.addBenefit({ audience });
    expect(await shown(member, { benefit })).toMatchObject({ reason });
  });

  test('of an age refuses who has no birthday on record', async () => {
    const member = await city.addMember();
    await sql`update member set born_on = null where id = ${member.id}`;
    const benefit = await city.addBenefit({ audience: { age: { min: 0 } } });
    expect(await shown(member, { benefit })).toMatchObject({ reason: 'audience_age' });
  });
});
