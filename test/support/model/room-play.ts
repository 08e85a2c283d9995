import { deepEqual } from 'node:assert/strict';
import type { Sql } from '../../../db/client.ts';
import { say } from '../claim.ts';
import { type City, idIn, type Member } from '../city.ts';
import { setClock } from '../clock.ts';
import { faultsOf } from './claim-play.ts';
import type { RoomHistory, RoomStep, RoomWish } from './room-history.ts';
import {
  bounds,
  companies,
  dayBegin,
  dayMs,
  minuteMs,
  type PoolName,
  type RoomClaim,
  RoomRules,
} from './room-rules.ts';
import { transfer } from './transfer.ts';

/** A Friday in Shanghai, an hour before the room opens: what is asked soon falls in two weeks. */
const start = Date.UTC(2026, 10, 27, 0, 0, 0);

type Row = Pick<RoomClaim, 'id' | 'state' | 'isFree'> & { pool: PoolName };
type Asked = ReturnType<RoomStage['asked']>;
type Said = { id: string; outcome: string; state?: string };

const instant = (ms: number) => new Date(ms).toISOString();

/** A shared room and the members who ask for it, in the database; everything but the unions is its own. */
export class RoomStage {
  readonly rules: RoomRules;
  readonly benefit: number;
  readonly #sql: Sql;
  readonly #city: City;
  readonly #members: Member[];

  private constructor(
    sql: Sql,
    city: City,
    parts: { rules: RoomRules; benefit: number; members: Member[] },
  ) {
    this.#sql = sql;
    this.#city = city;
    this.rules = parts.rules;
    this.benefit = parts.benefit;
    this.#members = parts.members;
  }

  static async set(sql: Sql, city: City, history: RoomHistory): Promise<RoomStage> {
    const { needsApproval, pools } = history;
    const { homeEnterprise, hostEnterprise, home } = city.unions;
    const { opensMinute, closesMinute, cancelMinutes, doorMinutes } = bounds;
    const { lateCancelWeight, noShowWeight } = bounds;
    const opensAt = start - 5 * minuteMs;
    await setClock(sql, instant(start));
    const benefit = await city.addBenefit({
      ...{ union: hostEnterprise, price: 0, partners: [], limit: [bounds.limit, 'week'] },
      ...{ opensMinute, closesMinute, pools: { [home]: pools.home, shared: pools.shared } },
    });
    await city.shareRoom(benefit, {
      ...{ needsApproval, cancelMinutes, doorMinutes, weights: [lateCancelWeight, noShowWeight] },
      opensAt: instant(opensAt),
    });
    await sql`
      update room set people_max = ${bounds.peopleMax}, minutes_min = ${bounds.minutesMin},
        minutes_max = ${bounds.minutesMax}, minutes_a_week = ${bounds.minutesAWeek},
        days_ahead = ${bounds.daysAhead}
      where benefit_id = ${benefit}`;
    const members = await Promise.all(
      companies.map((of) =>
        city.addMember({ enterprise: of === 0 ? homeEnterprise : hostEnterprise }),
      ),
    );
    const rules = new RoomRules(start, opensAt, needsApproval, pools, companies);
    return new RoomStage(sql, city, { rules, benefit, members });
  }

  /** One step in both, whose answers and ends must be the same. */
  async step(step: RoomStep): Promise<void> {
    const one = 'claim' in step ? this.#known(step.claim) : undefined;
    if ('claim' in step && !one) return;
    const asked = step.kind === 'ask' ? this.asked(step) : undefined;
    const answer = await this.send(step, this.#sql, asked);
    const expected = this.#expect(step, one, asked);
    if (expected !== undefined) deepEqual(answer, expected, JSON.stringify(step));
    await this.compare(JSON.stringify(step));
  }

  #expect(step: RoomStep, one: RoomClaim | undefined, asked: Asked | undefined): unknown {
    const { rules } = this;
    switch (step.kind) {
      case 'ask':
        return asked && rules.ask(asked);
      case 'again':
        return one && rules.again(one, step.isOther);
      case 'decide':
        return one && rules.decide(one, step.isYes);
      case 'cancel':
      case 'attend':
      case 'absent':
      case 'miss':
        return one && rules[step.kind](one);
      case 'leave':
      case 'transfer':
        rules[step.kind](step.member);
        return undefined;
      case 'lift':
        rules.marks[step.member] = 0;
        return undefined;
      case 'wait':
        rules.finish();
        return undefined;
    }
  }

  /** Sends a step to the database alone, over any connection. */
  async send(step: RoomStep, by: Sql, asked?: Asked): Promise<unknown> {
    const city = this.#city;
    const one = 'claim' in step ? this.#known(step.claim) : undefined;
    switch (step.kind) {
      case 'ask': {
        const { outcome, state } = await this.#ask(by, asked ?? this.asked(step));
        return state ?? outcome;
      }
      case 'again':
        if (!one) return undefined;
        return (await this.#ask(by, { ...one, people: one.people + (step.isOther ? 1 : 0) }))
          .outcome;
      case 'decide': {
        const [row] = await by<Said[]>`
          select decide_claim(${one?.id ?? null}::uuid, ${step.isYes}, 'owner', 'model') ->> 'outcome' as outcome`;
        return row?.outcome;
      }
      case 'cancel':
        if (!one) return undefined;
        return (await say(by, 'cancel_claim', one.id, this.#member(one.member))).outcome;
      case 'attend':
      case 'absent':
      case 'miss': {
        const verb = { attend: 'attend_claim', absent: 'unattend_claim', miss: 'miss_claim' }[
          step.kind
        ];
        const [row] = await by<Said[]>`
          select ${by(verb)}(${one?.id ?? null}::uuid, 'owner', 'model') ->> 'outcome' as outcome`;
        return row?.outcome;
      }
      case 'lift':
        return by`
          update mark set lifted_at = clock(), lifted_by = 'branch', lift_reason = 'model'
          where member_id = ${this.#member(step.member).id} and lifted_at is null`;
      case 'leave': {
        const { id } = this.#member(step.member);
        return by`select leave_member(${id}::bigint, ${city.unions.root}, 'model')`;
      }
      case 'transfer':
        return transfer(by, city, this.#member(step.member));
      case 'wait':
        return this.#wait(by, step.minutes);
    }
  }

  asked({ member, inDays, from, halfHours, people }: RoomWish) {
    const startsAt = dayBegin(this.rules.now) + inDays * dayMs + from * 30 * minuteMs;
    const endsAt = startsAt + halfHours * 30 * minuteMs;
    return { id: idIn(this.#member(member).cell), member, startsAt, endsAt, people };
  }

  async #ask(by: Sql, { id, member, startsAt, endsAt, people }: Asked): Promise<Said> {
    const asked = {
      ...{ id, benefit: this.benefit, people, purpose: '羽毛球', member: null },
      ...{ from: instant(startsAt), to: instant(endsAt) },
      ...{ user: this.#member(member).userId, sessionAt: new Date().toISOString() },
    };
    const [row] = await by<{ said: Said }[]>`select claim_room(${by.json(asked)}) as said`;
    if (!row) throw new Error('claim_room() gave no row.');
    return row.said;
  }

  async #wait(by: Sql, minutes: number): Promise<void> {
    this.rules.now += minutes * minuteMs;
    await setClock(this.#sql, instant(this.rules.now));
    await by`select finish_sessions()`;
  }

  async compare(what: string): Promise<void> {
    const rows = await this.#sql<Row[]>`
      select c.id, c.state, s.cancelled_at is not null as "isFree",
        case when a.district_id is null then 'shared' else 'home' end as pool
      from claim c
      join session s on s.id = c.session_id
      join allocation a on a.id = c.allocation_id
      where c.benefit_id = ${this.benefit} order by c.id`;
    const mine = this.rules.claims
      .map(({ id, state, isFree, pool }) => ({ id, state, isFree, pool }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    deepEqual(
      rows.map((row) => ({ ...row })),
      mine,
      what,
    );
  }

  /**
   * All of these at once, each over a connection of its own; nobody can say how that ends, so the rules end here, and only
   * know which claims there are. An error of any is an error.
   */
  async together(crowd: Sql, steps: RoomStep[]): Promise<void> {
    for (const one of steps) if (one.kind === 'wait') await this.#wait(crowd, one.minutes);
    const acts = steps.filter(
      (one) => one.kind !== 'wait' && (!('claim' in one) || this.#known(one.claim)),
    );
    await Promise.all([
      ...acts.map((one) => this.send(one, crowd)),
      crowd`select finish_sessions()`,
      crowd`select finish_sessions()`,
    ]);
    const rows = await crowd<
      { id: string; member: string; from: Date; to: Date; people: number }[]
    >`
      select c.id, c.member_id as member, s.starts_at as from, s.ends_at as to,
        (c.answers ->> 'people')::int as people
      from claim c join session s on s.id = c.session_id
      where c.benefit_id = ${this.benefit} order by c.turn`;
    this.rules.claims.splice(
      0,
      Infinity,
      ...rows.map(({ id, member, from, to, people }): RoomClaim => ({
        ...{ id, people, startsAt: from.getTime(), endsAt: to.getTime() },
        member: this.#members.findIndex((one) => one.id === Number(member)),
        ...{ company: 0, state: 'asked', pool: 'shared', isFree: false },
      })),
    );
  }

  #known(i: number): RoomClaim | undefined {
    return this.rules.claims[i % (this.rules.claims.length || 1)];
  }

  #member(i: number): Member {
    const member = this.#members[i];
    if (!member) throw new RangeError('Nobody did that.');
    return member;
  }
}

/** What contradicts the invariants of one room, besides those of every claim (faultsOf); none when all is well. */
export async function roomFaults(sql: Sql, benefit: number): Promise<string[]> {
  const rows = await sql<{ fault: string }[]>`
    select 'two have it at once: ' || a.id || ', ' || b.id as fault
    from claim a
    join session s on s.id = a.session_id
    join claim b on b.benefit_id = a.benefit_id and b.id > a.id
    join session t on t.id = b.session_id
    where a.benefit_id = ${benefit} and s.starts_at < t.ends_at and t.starts_at < s.ends_at
      and a.state in ('asked', 'confirmed', 'used', 'no_show')
      and b.state in ('asked', 'confirmed', 'used', 'no_show')
    union all
    select 'a company has more than its hours: ' || c.union_id
    from claim c
    join session s on s.id = c.session_id
    join room r on r.benefit_id = c.benefit_id
    where c.benefit_id = ${benefit} and c.state in ('asked', 'confirmed', 'used', 'no_show')
    group by c.union_id, period_start('week', s.starts_at), r.minutes_a_week
    having sum(s.ends_at - s.starts_at) > r.minutes_a_week * interval '1 minute'`;
  return [...(await faultsOf(sql, benefit)), ...rows.map(({ fault }) => fault)];
}
