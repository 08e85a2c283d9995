// Risk: a refusal is missing, is answered for the wrong fault, or hides the one that should have been said first.
import { describe, expect, test } from 'vitest';
import type { Audience } from '../../db/schema/benefits.ts';
import { type Reason, reasons } from '../../db/schema/reasons.ts';
import { buildCity, type Item, type Member } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
staysConsistent(sql);

/** A Wednesday, 12:00 in Beijing; the scan of every case. */
const noon = new Date('2026-11-18T04:00:00Z');
await setClock(sql, noon.toISOString());

const revokedKey = await city.addKey();
await sql`update signing_key set revoked_at = ${noon} where kid = ${revokedKey}`;

type Case = { member: Member; benefit: number; item: Item };

type Fault = {
  /** What it takes hold of: two faults of one thing cannot both be there. */
  of: string;
  make: (c: Case) => Promise<unknown>;
};

const faults: Record<Reason, Fault> = {
  exists_with_different_content: {
    of: 'id',
    make: (c) => answer({ ...c.item, jti: c.item.jti + 1 }),
  },
  session_revoked: {
    of: 'session',
    make: async (c) => {
      c.item.sessionAt = '2019-12-31T23:59:59.999Z';
    },
  },
  operator_suspended: {
    of: 'operator',
    make: (c) => sql`update operator set suspended_at = ${noon} where user_id = ${c.item.user}`,
  },
  outlet_closed: {
    of: 'outlet',
    make: (c) => sql`update outlet set closed_at = ${noon} where id = ${c.item.outlet}`,
  },
  card_unknown: {
    of: 'card',
    make: async (c) => {
      c.item.card = otherIn(c.member.card);
    },
  },
  card_replaced: { of: 'card', make: (c) => endCard(c, 'replaced') },
  card_lost: { of: 'card', make: (c) => endCard(c, 'lost') },
  card_blocked: { of: 'card', make: (c) => endCard(c, 'blocked') },
  member_left: {
    of: 'member',
    make: (c) => sql`
      update affiliation set ended_at = ${noon}
      where cell = ${c.member.cell} and member_id = ${c.member.id}`,
  },
  scan_expired: {
    of: 'ticket',
    make: async (c) => {
      c.item.scanValidUntil = '2026-11-18T03:59:59.999Z';
    },
  },
  key_revoked: {
    of: 'key',
    make: async (c) => {
      c.item.kid = revokedKey;
    },
  },
  pass_not_yet_valid: {
    of: 'pass',
    make: async (c) => {
      c.item.exp = noon.getTime() / 1000 + 71;
    },
  },
  pass_expired: {
    of: 'pass',
    make: async (c) => {
      c.item.exp = noon.getTime() / 1000;
    },
  },
  benefit_unknown: {
    of: 'benefit',
    make: async (c) => {
      c.item.benefit = 2 ** 31 - 1;
    },
  },
  benefit_paused: {
    of: 'pause',
    make: (c) => sql`
      update benefit set paused_at = ${noon}, pause_reason = 'audit' where id = ${c.benefit}`,
  },
  benefit_not_started: {
    of: 'window',
    make: (c) => sql`
      update benefit set starts_at = ${noon}::timestamptz + interval '1 second' where id = ${c.benefit}`,
  },
  benefit_ended: {
    of: 'window',
    make: (c) => sql`update benefit set ends_at = ${noon} where id = ${c.benefit}`,
  },
  benefit_not_today: {
    of: 'weekdays',
    make: (c) => sql`update benefit set weekdays = '{1,2,4,5,6,7}' where id = ${c.benefit}`,
  },
  benefit_not_at_this_hour: {
    of: 'hours',
    make: (c) => sql`update benefit set closes_minute = 720 where id = ${c.benefit}`,
  },
  partner_paused: {
    of: 'partner',
    make: (c) => sql`
      update benefit_partner set state = 'paused', state_reason = 'x' where benefit_id = ${c.benefit}`,
  },
  partner_not_admitted: {
    of: 'partner',
    make: (c) => sql`delete from benefit_partner where benefit_id = ${c.benefit}`,
  },
  district_not_valid: {
    of: 'district',
    make: (c) => sql`
      update benefit set valid_districts = ${[city.unions.home]} where id = ${c.benefit}`,
  },
  claim_needed: {
    of: 'claim',
    make: (c) => city.letClaim(c.benefit),
  },
  claim_not_here: { of: 'claim', make: async (c) => claimed(c, noon, await elsewhere(c)) },
  claim_not_now: { of: 'claim', make: (c) => claimed(c, new Date('2026-11-18T08:00:00Z'), null) },
  audience_district: {
    of: 'audience.districts',
    make: (c) => limitAudience(c, { districts: [city.unions.host] }),
  },
  audience_union: {
    of: 'audience.unions',
    make: (c) => limitAudience(c, { unions: [city.unions.hostEnterprise] }),
  },
  audience_age: { of: 'audience.age', make: (c) => limitAudience(c, { age: { min: 60 } }) },
  audience_tag: { of: 'audience.tags', make: (c) => limitAudience(c, { tags: ['model_worker'] }) },
  no_allocation: {
    of: 'pool',
    make: (c) => sql`
      update allocation set district_id = ${city.unions.host} where benefit_id = ${c.benefit}`,
  },
  quantity_too_large: {
    of: 'quantity',
    make: async (c) => {
      c.item.quantity = 2;
    },
  },
  pass_already_used: {
    of: 'jti',
    make: (c) => answer({ ...city.item(c.member, c.benefit, noon), ...at(c), jti: c.item.jti }),
  },
  limit_reached: {
    of: 'limit',
    make: async (c) => {
      await answer({ ...city.item(c.member, c.benefit, noon), ...at(c) });
      await sql`update benefit set limit_count = 1 where id = ${c.benefit}`;
    },
  },
  category_limit_reached: {
    of: 'category',
    make: async (c) => {
      const other = await city.addBenefit({ partners: [await partnerOf(c)] });
      await answer({ ...city.item(c.member, other, noon), ...at(c) });
      await sql`
        with own as (
          insert into trade_union (parent_id, kind, level, name_zh, name_en)
          values (${city.unions.home}, 'enterprise', 4, 'own', 'own') returning id
        ), moved as (
          update affiliation set union_id = own.id from own
          where cell = ${c.member.cell} and member_id = ${c.member.id}
        )
        insert into category_limit (union_id, kind, limit_count, limit_period)
        select id, 'cinema', 1, 'month' from own`;
    },
  },
  partner_day_cap_reached: {
    of: 'day',
    make: (c) => capAdmission(c, 'cap_a_day'),
  },
  partner_cap_reached: {
    of: 'cap',
    make: (c) => capAdmission(c, 'cap'),
  },
  quota_exhausted: {
    of: 'quota',
    make: (c) => sql`update allocation set cap = used + claimed where benefit_id = ${c.benefit}`,
  },
};

/** Made of earlier successes, so before anything else is wrong, and in this order. */
const historic: Reason[] = [
  'exists_with_different_content',
  'pass_already_used',
  'limit_reached',
  'category_limit_reached',
  'partner_day_cap_reached',
  'partner_cap_reached',
];

/** A sound item, with rows of its own. */
async function soundCase(): Promise<Case> {
  const partner = await city.addPartner(city.unions.host);
  const outlet = await city.addOutlet(partner, city.unions.host);
  const { userId } = await city.addOperator(partner, [outlet]);
  const member = await city.addMember();
  const benefit = await city.addBenefit({ limit: [5, 'day'], partners: [partner] });
  const item = { ...city.item(member, benefit, noon), outlet: outlet.id, user: userId };
  return { member, benefit, item };
}

/** Makes the faults in a sound case, and asks redeem(). */
async function judge(...wrong: Reason[]) {
  const c = await soundCase();
  const first = historic.filter((reason) => wrong.includes(reason));
  const then = wrong.filter((reason) => !historic.includes(reason));
  for (const reason of [...first, ...then]) await faults[reason].make(c);
  return { c, outcome: await answer(c.item) };
}

async function partnerOf({ item }: Case): Promise<number> {
  const [row] = await sql<{ partner: number }[]>`
    select partner_id as partner from outlet where id = ${item.outlet}`;
  return row?.partner ?? 0;
}

/** Somebody else's use is the last one that the admission allows. */
async function capAdmission(c: Case, cap: 'cap' | 'cap_a_day'): Promise<void> {
  await answer({ ...city.item(await city.addMember(), c.benefit, noon), ...at(c) });
  const partner = await partnerOf(c);
  await sql`select count_admission(${c.benefit}, ${partner})`;
  await sql`
    update benefit_partner set ${sql(cap)} = used
    where benefit_id = ${c.benefit} and partner_id = ${partner}`;
}

/** What is claimed first, and a claim of the member's whose session is then and there. */
async function claimed(c: Case, startsAt: Date, outlet: number | null): Promise<void> {
  await city.letClaim(c.benefit);
  const session = await city.addSession(c.benefit, { startsAt: startsAt.toISOString(), outlet });
  const { id, ...item } = city.claimItem(c.member, c.benefit, session);
  await sql`
    insert into claim (cell, id, member_id, benefit_id, session_id, union_id, allocation_id, quantity,
      state, at, made_at, changed_at)
    select ${c.member.cell}, ${id}, ${c.member.id}, ${item.benefit}, ${session},
      ${city.unions.homeEnterprise}, a.id, 1, 'confirmed', ${startsAt}, ${noon}, ${noon}
    from allocation a where a.benefit_id = ${c.benefit}`;
  await sql`update allocation set claimed = 1 where benefit_id = ${c.benefit}`;
  await sql`update session set taken = 1 where id = ${session}`;
}

/** Another outlet of the same partner. */
async function elsewhere(c: Case): Promise<number> {
  const { id } = await city.addOutlet(await partnerOf(c), city.unions.host);
  return id;
}

/** Where and by whom the case's scans are made. */
function at({ item: { outlet, user } }: Case) {
  return { outlet, user };
}

async function answer(item: Item): Promise<string> {
  return (await redeemOne(sql, item)).outcome;
}

function endCard({ member }: Case, status: 'replaced' | 'lost' | 'blocked') {
  return sql`
    update card set status = ${status}, ended_at = ${noon}
    where cell = ${member.cell} and number = ${member.card}`;
}

function limitAudience({ benefit }: Case, audience: Audience) {
  return sql`update benefit set audience = audience || ${sql.json(audience)} where id = ${benefit}`;
}

/** A card's number in the same cell that nobody has. */
function otherIn(card: number): number {
  return card % 2 === 0 ? card + 1 : card - 1;
}

test('a sound item is accepted', async () => {
  expect((await judge()).outcome).toBe('accepted');
});

test.each(reasons)('%s', async (reason) => {
  expect((await judge(reason)).outcome).toBe(reason);
});

describe('of two faults the earlier one is answered', () => {
  test.each(reasons)('%s before every later one', async (earlier) => {
    const later = reasons
      .slice(reasons.indexOf(earlier) + 1)
      .filter((reason) => faults[reason].of !== faults[earlier].of);
    const answers = await Promise.all(
      later.map(async (reason) => [reason, (await judge(earlier, reason)).outcome]),
    );
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(later.map((reason) => [reason, earlier])),
    );
  });
});

describe('what is shown before is what redeem() says', () => {
  const ofTheRequest: Reason[] = [
    'exists_with_different_content',
    'scan_expired',
    'benefit_unknown',
    'quantity_too_large',
  ];
  const shown = reasons.filter((reason) => !ofTheRequest.includes(reason));

  test.each(shown)('preview: %s', async (reason) => {
    const { c } = await judge(reason);
    const isNotListed = reason === 'partner_not_admitted';
    expect(await previewReason(c)).toBe(isNotListed ? undefined : reason);
  });

  test('preview: usable', async () => {
    const c = await soundCase();
    expect(await previewReason(c)).toBeNull();
  });

  const ofTheMember = reasons.filter(
    (reason) =>
      shown.includes(reason) &&
      reasons.indexOf(reason) >= reasons.indexOf('benefit_paused') &&
      // The catalogue says what may be claimed, the counter what was.
      !reason.startsWith('claim_') &&
      ![
        'district_not_valid',
        'pass_already_used',
        // Of one partner among others: told where the code is shown.
        'partner_day_cap_reached',
        'partner_cap_reached',
      ].includes(reason),
  );

  test.each(ofTheMember)('catalogue: %s', async (reason) => {
    const { c } = await judge(reason);
    expect(await catalogueReason(c)).toBe(reason);
  });

  test('catalogue: usable', async () => {
    const c = await soundCase();
    expect(await catalogueReason(c)).toBeNull();
  });
});

/** Preview's refusal of the scan, else its reason at the benefit; undefined where that is not listed. */
async function previewReason({ item, benefit }: Case): Promise<string | null | undefined> {
  const { card, jti, kid, exp, outlet, user, sessionAt } = item;
  const scan = sql.json({ card, jti, kid, exp, outlet, user, sessionAt });
  type Preview = { refusal: string | null; benefits: { id: number; reason: string | null }[] };
  const [row] = await sql<{ shown: Preview }[]>`select preview(${scan}) as shown`;
  return row?.shown.refusal ?? row?.shown.benefits.find(({ id }) => id === benefit)?.reason;
}

async function catalogueReason({ member, benefit }: Case): Promise<string | null | undefined> {
  const [row] = await sql<{ reason: string | null }[]>`
    select reason from catalogue(${member.userId}, ${noon}, ${benefit})`;
  return row?.reason;
}
