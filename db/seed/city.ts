import type { Sql, Transaction } from '../client.ts';
import { allocation } from '../schema/allocations.ts';
import { authUser } from '../schema/auth.ts';
import { benefit, benefitPartner } from '../schema/benefits.ts';
import { offlinePolicy } from '../schema/leases.ts';
import { transfer } from '../schema/ledger.ts';
import { affiliation, card, member } from '../schema/members.ts';
import { operator, operatorOutlet, outlet, partner } from '../schema/partners.ts';
import { redemption, reversal } from '../schema/redemptions.ts';
import { officer } from '../schema/roles.ts';
import { tradeUnion } from '../schema/unions.ts';
import { inventAdmissions } from './admissions.ts';
import { type Benefit, benefitRow, createBenefits, poolsOf } from './benefits.ts';
import { inventBudgets } from './budgets.ts';
import { inventClaims } from './claims.ts';
import { settlePast } from './clearing.ts';
import { copyRows } from './copy.ts';
import { seedDesk } from './desk.ts';
import { type HistoryContext, type HistoryRows, inventUses } from './history.ts';
import { inventMember, type MemberContext, type MemberRows } from './members.ts';
import { inventOfflineUse } from './offline.ts';
import { giveCardOnPaper } from './paper.ts';
import { createPartners, type Outlet, type Partner } from './partners.ts';
import { inventMisses } from './insights.ts';
import { memberPeople } from './people.ts';
import { createPhones } from './phones.ts';
import { createRandom } from './random.ts';
import { createStaff, type Staff } from './staff.ts';
import { createUnions, type Union } from './unions.ts';

export type CityOptions = {
  /** The configured secret: phone numbers are sealed under it. */
  secret: string;
  members?: number;
  redemptions?: number;
  seed?: number;
  /** The address of this installation; with it the city has a past without a network, which a signing key must be there for. */
  origin?: string;
};

const demoMembers = 2000;
const demoRedemptions = 6000;
const membersAtOnce = 10_000;
const membersPerEnterprise = 400;

/**
 * Fills an empty, migrated database with the demo city, in one transaction: all of it or nothing. The same options at
 * the same `clock()` give the same rows. False when there are unions already, which then stay as they are. Memory does
 * not grow with the size.
 */
export async function seedDemoCity(
  sql: Sql,
  options: CityOptions,
  onProgress: (line: string) => void = () => {},
): Promise<boolean> {
  return sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`set local idle_in_transaction_session_timeout = 0`;
    await tx`lock table trade_union in exclusive mode`;
    const [found] = await tx<{ now: Date; isEmpty: boolean }[]>`
      select clock() as now, not exists (select from trade_union) as "isEmpty"`;
    if (!found?.isEmpty) return false;
    await fill(tx, found.now.getTime(), options, onProgress);
    return true;
  });
}

async function fill(
  tx: Transaction,
  now: number,
  options: CityOptions,
  onProgress: (line: string) => void,
): Promise<void> {
  const { secret, origin, members = demoMembers, redemptions = demoRedemptions } = options;
  const { seed = 1 } = options;
  const random = createRandom(seed);
  const seal = createPhones(secret);
  const scale = Math.max(1, members / demoMembers, redemptions / demoRedemptions);
  const unions = createUnions(3 + Math.floor(members / membersPerEnterprise / 40));
  const { partners, outlets } = createPartners(unions);
  const benefits = createBenefits(now, scale, unions, partners, outlets);
  const staff = createStaff(now, random, seal, unions, partners, outlets);

  await copyGround(tx, unions, partners, outlets);
  await copyStaff(tx, staff);
  await copyBenefits(tx, benefits);
  await moveSequences(tx);
  onProgress(`${unions.length} unions, ${partners.length} partners, ${outlets.length} outlets`);
  onProgress(`${benefits.length} benefits, ${staff.users.length} operators and officers`);

  const enterprises = unions.filter(({ kind }) => kind === 'enterprise');
  const people: MemberContext = { now, seed, random, seal, enterprises };
  const accounts = await readAccounts(tx);
  const past: HistoryContext = { now, random, benefits, byOutlet: staff.byOutlet, ...accounts };
  await inventPeople(tx, { members, redemptions }, people, past, unions, onProgress);

  const counted = benefits.flatMap(poolsOf).map(({ id, used }) => ({ id, used }));
  await tx`
    update allocation set used = counted.used
    from jsonb_to_recordset(${tx.json(counted)}) as counted(id int, used int)
    where allocation.id = counted.id`;
  if (origin !== undefined) {
    const named = memberPeople.map(({ phone }) => seal(phone).hash);
    await inventOfflineUse(tx, { now, secret, origin, random, benefits, outlets, staff, named });
  }
  await inventAdmissions(tx, { now, seal, unions, partners });
  await giveCardOnPaper(tx, { now, secret });
  await inventMisses(tx, { now, seed }, unions, benefits);
  // Who wants a city without a past brings one of his own.
  if (redemptions > 0) await settlePast(tx);
  await seedDesk(tx, now);
  await inventClaims(tx, { now, seed, hashOf: (phone) => seal(phone).hash, outlets });
  await inventBudgets(tx);
  await tx`analyze`;
}

/** Members with their past, so many at once that the database is busy and memory stays flat. */
async function inventPeople(
  tx: Transaction,
  { members, redemptions }: { members: number; redemptions: number },
  people: MemberContext,
  past: HistoryContext,
  unions: Union[],
  onProgress: (line: string) => void,
): Promise<void> {
  const cardSerial = { next: 0 };
  let booked = 0;
  let next = 0;
  while (next < members) {
    const rows: MemberRows & HistoryRows = {
      members: [],
      affiliations: [],
      cards: [],
      redemptions: [],
      reversals: [],
      transfers: [],
    };
    const end = Math.min(members, next + membersAtOnce);
    for (; next < end; next += 1) {
      const person = memberPeople[next];
      const context = person ? { ...people, enterprises: below(unions, person.under) } : people;
      const one = inventMember(context, next, person, cardSerial, rows);
      // Those without a card leave their share to the next ones.
      const due = ((next + 1) / members) * redemptions - booked;
      const wanted =
        person && redemptions > 0 ? 8 : Math.round(due * 2 * (past.random.word() / 2 ** 32));
      if (wanted > 0) booked += inventUses(past, one, wanted, rows);
    }
    await copyRows(tx, member, rows.members);
    await copyRows(tx, affiliation, rows.affiliations);
    await copyRows(tx, card, rows.cards);
    await copyRows(tx, redemption, rows.redemptions);
    await copyRows(tx, reversal, rows.reversals);
    await copyRows(tx, transfer, rows.transfers);
    onProgress(`${thousands(next)} of ${thousands(members)} members, ${thousands(booked)} uses`);
  }
}

function below(unions: Union[], nameEn: string): Union[] {
  const above = unions.find((union) => union.nameEn === nameEn);
  return unions.filter(({ parentId }) => parentId === above?.id);
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}

async function copyGround(
  tx: Transaction,
  unions: Union[],
  partners: Partner[],
  outlets: Outlet[],
): Promise<void> {
  await copyRows(tx, tradeUnion, unions);
  await copyRows(tx, partner, partners);
  await copyRows(tx, outlet, outlets);
}

async function copyStaff(tx: Transaction, staff: Staff): Promise<void> {
  await copyRows(tx, authUser, staff.users);
  await copyRows(tx, operator, staff.operators);
  await copyRows(tx, operatorOutlet, staff.posts);
  await copyRows(tx, officer, staff.officers);
}

async function copyBenefits(tx: Transaction, benefits: Benefit[]): Promise<void> {
  await copyRows(tx, benefit, benefits.map(benefitRow));
  const admitted = benefits.flatMap(({ id, partnerIds, startsAt }) =>
    partnerIds.map((partnerId) => ({
      benefitId: id,
      partnerId,
      admittedAt: new Date(startsAt),
    })),
  );
  await copyRows(tx, benefitPartner, admitted);
  const books = benefits.find(({ offer }) => offer.titleEn === '50 yuan of books');
  await tx`
    update benefit_partner set state = 'paused', state_reason = '盘点库存'
    where benefit_id = ${books?.id ?? 0} and partner_id = ${books?.partnerIds.at(-1) ?? 0}`;
  const policies = benefits.flatMap(({ id, offer }) =>
    offer.offline ? [{ benefitId: id, ...offer.offline }] : [],
  );
  await copyRows(tx, offlinePolicy, policies);
  await copyRows(
    tx,
    allocation,
    benefits.flatMap(poolsOf).map((pool) => ({ ...pool, used: 0 })),
  );
}

/** Rows came with their ids: what is added later must not take one of them. */
async function moveSequences(tx: Transaction): Promise<void> {
  for (const table of [
    'trade_union',
    'partner',
    'outlet',
    'operator',
    'officer',
    'benefit',
    'allocation',
  ]) {
    await tx`
      select setval(pg_get_serial_sequence(${table}, 'id'), max(id)) from ${tx(table)}`;
  }
}

async function readAccounts(
  tx: Transaction,
): Promise<Pick<HistoryContext, 'payers' | 'payees' | 'creditors'>> {
  const accounts = await tx<
    { id: number; unionId: number | null; partnerId: number | null; creditorId: number | null }[]
  >`
    select a.id, a.union_id as "unionId", a.partner_id as "partnerId", p.union_id as "creditorId"
    from account a left join partner p on p.id = a.partner_id
    where a.kind in ('budget', 'payable')`;
  return {
    payers: new Map(accounts.map(({ id, unionId }) => [unionId ?? 0, id])),
    payees: new Map(accounts.map(({ id, partnerId }) => [partnerId ?? 0, id])),
    creditors: new Map(
      accounts.map(({ partnerId, creditorId }) => [partnerId ?? 0, creditorId ?? 0]),
    ),
  };
}
