import { deepEqual } from 'node:assert/strict';
import type { Sql } from '../../../db/client.ts';
import { claim as claimBySql, say } from '../claim.ts';
import { type City, idIn, type Item, type Member } from '../city.ts';
import { setClock } from '../clock.ts';
import { redeem } from '../redeem.ts';
import type { ClaimHistory, ClaimStep, Wish } from './claim-history.ts';
import {
  answerMinutes,
  cancelMinutes,
  type Claim,
  limit,
  type PoolName,
  quantityMax,
  Rules,
} from './claim-rules.ts';
import { transfer } from './transfer.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 10, 18, 4, 0, 0);
const homes = [true, true, true, false];
const secret = 'a1'.repeat(32);

const nobody: Claim = {
  ...{ id: '', member: 0, session: null, quantity: 1, state: 'entered', used: 0, pool: null },
  ...{ isHome: true, at: 0, turn: 0, answerBy: null, isFinished: false },
};

type Row = Pick<Claim, 'id' | 'session' | 'state' | 'used' | 'pool'>;

/** A benefit that is claimed, its sessions and members, in the database; everything but the unions is its own. */
export class ClaimStage {
  readonly rules: Rules;
  readonly benefit: number;
  readonly #sql: Sql;
  readonly #city: City;
  readonly #members: Member[];
  readonly #sessions: number[];
  readonly #officer: string;
  readonly #waves: number[];
  readonly #uses: { item: Item; claim: Claim | undefined }[] = [];

  private constructor(
    sql: Sql,
    city: City,
    parts: {
      rules: Rules;
      benefit: number;
      members: Member[];
      sessions: number[];
      officer: string;
      waves: number[];
    },
  ) {
    this.#sql = sql;
    this.#city = city;
    this.rules = parts.rules;
    this.benefit = parts.benefit;
    this.#members = parts.members;
    this.#sessions = parts.sessions;
    this.#officer = parts.officer;
    this.#waves = parts.waves;
  }

  static async set(sql: Sql, city: City, history: ClaimHistory): Promise<ClaimStage> {
    const { kind, holdMinutes, needsApproval, hasWaitList, pools, units } = history;
    const terms = {
      ...{ kind, holdMinutes, needsApproval, hasWaitList, entrySeconds: 60 },
      opensAt: start - 5 * minuteMs,
      closesAt: kind === 'draw' ? start + 60 * minuteMs : start + 30 * 1440 * minuteMs,
    };
    await setClock(sql, new Date(start).toISOString());
    const { home, root } = city.unions;
    const benefit = await city.addBenefit({
      ...{
        limit: [limit, 'total'],
        quantityMax,
        pools: { [home]: pools.home, shared: pools.shared },
      },
    });
    await city.letClaim(benefit, {
      ...{ kind, holdMinutes, needsApproval, hasWaitList, answerMinutes, cancelMinutes },
      ...{ doorMinutes: 60, weights: [1, 1] },
      opensAt: new Date(terms.opensAt).toISOString(),
      closesAt: new Date(terms.closesAt).toISOString(),
    });
    const hours = kind === 'offer' ? [] : [3, 26];
    const caps = history.caps.map((cap) => (kind === 'drop' ? cap - 1 : cap));
    const sessions: number[] = [];
    for (const [i, hour] of hours.entries()) {
      const startsAt = new Date(start + hour * 60 * minuteMs).toISOString();
      sessions.push(await city.addSession(benefit, { cap: caps[i] ?? 0, startsAt }));
    }
    const waves: number[] = [];
    const waveTimes = kind === 'drop' ? [start + minuteMs, start + 31 * minuteMs] : [];
    for (const [i, at] of waveTimes.entries()) {
      const letGo = Object.fromEntries(sessions.map((id, of) => [id, units[i]?.[of] ?? 1]));
      waves.push(await city.addWave(benefit, new Date(at).toISOString(), letGo, 60));
    }
    if (kind === 'draw') await city.addDraw(benefit, secret);
    const members = await Promise.all(
      homes.map((isHome) =>
        city.addMember({ enterprise: city.unions[isHome ? 'homeEnterprise' : 'hostEnterprise'] }),
      ),
    );
    const { userId: officer } = await city.addOfficer(root);
    const rules = new Rules(
      start,
      terms,
      hours.map((hour, i) => ({
        cap: caps[i] ?? 0,
        startsAt: start + hour * 60 * minuteMs,
        endsAt: start + (hour + 2) * 60 * minuteMs,
        isCancelled: false,
      })),
      waveTimes.map((opensAt, i) => ({ opensAt, units: units[i] ?? [], isOpen: false })),
      pools,
      homes,
    );
    return new ClaimStage(sql, city, { rules, benefit, members, sessions, officer, waves });
  }

  /** One step in both, whose answers and ends must be the same. */
  async step(step: ClaimStep): Promise<void> {
    const { rules } = this;
    const one = 'claim' in step ? this.#known(step.claim) : undefined;
    if ('claim' in step && !one) return;
    const send = this.send(step);
    if (step.kind === 'claim') {
      const said = (await send) as { id: string; outcome: string; state: string | null }[];
      for (const [i, { id, outcome, state }] of said.entries()) {
        const expected = rules.claim({ id, ...this.#asked(step.wishes[i]) });
        // Of two reasons that both hold, the one that held before the batch may be told.
        const both = i > 0 && expected === 'session_full' && outcome === 'quota_exhausted';
        deepEqual(both ? expected : (state ?? outcome), expected);
      }
    } else if (step.kind === 'reverse') {
      const use = this.#uses[step.use];
      if (use?.claim) {
        deepEqual(await send, 'reversed');
        rules.reverse(use.claim);
        use.claim = undefined;
      }
    } else if (step.kind === 'redeem') {
      const { item, outcome } = (await send) as { item: Item; outcome: string };
      const expected = rules.redeem(step.member);
      deepEqual(outcome, expected.outcome);
      if (outcome === 'accepted') this.#uses.push({ item, claim: expected.claim });
    } else {
      const answer = await send;
      const expected = this.#expect(step, one);
      if (expected !== undefined) deepEqual(answer, expected);
    }
    await this.compare(JSON.stringify(step));
  }

  #asked(
    { member, session, quantity, waits }: Wish = {
      member: 0,
      session: 0,
      quantity: 1,
      waits: false,
    },
  ) {
    const { kind } = this.rules.terms;
    // Nobody enters a draw for one of its prizes.
    const of = kind === 'offer' || kind === 'draw' ? null : session;
    return { member, session: of, quantity, waits };
  }

  #expect(step: ClaimStep, one: Claim | undefined): unknown {
    const { rules } = this;
    switch (step.kind) {
      case 'confirm':
        return one && rules.confirm(one);
      case 'cancel':
        return one && rules.cancel(one);
      case 'move':
        return one && rules.move(one, step.session);
      case 'decide':
        return one && rules.decide(one, step.isYes);
      case 'resize':
        return this.#sessions.length > 0 ? rules.resize(step.session, step.cap) : undefined;
      case 'pool':
        return rules.setPool(step.pool, step.cap);
      case 'callOff':
        return this.#sessions.length > 0 ? rules.callOff(step.session) : undefined;
      case 'leave':
        rules.leave(step.member);
        return undefined;
      case 'transfer':
        rules.isHome[step.member] = !rules.isHome[step.member];
        return undefined;
      case 'lift':
        rules.marks[step.member] = [];
        return undefined;
      case 'end':
        rules.end();
        return undefined;
      default:
        return undefined;
    }
  }

  /** Sends a step to the database alone, over any connection. */
  async send(step: ClaimStep, by: Sql = this.#sql): Promise<unknown> {
    const city = this.#city;
    const member = 'member' in step ? this.#member(step.member) : undefined;
    switch (step.kind) {
      case 'claim': {
        const items = step.wishes.map((wish) => {
          const { member: who, session, ...rest } = this.#asked(wish);
          const of = session === null ? null : (this.#sessions[session] ?? null);
          return { ...city.claimItem(this.#member(who), this.benefit, of), ...rest, member: null };
        });
        let answers = await claimBySql(by, items);
        if (answers.some(({ outcome }) => outcome === 'upkeep_due')) {
          await by`select open_waves(${this.benefit})`;
          await by`select expire_claims(${this.benefit})`;
          answers = await claimBySql(by, items);
        }
        return answers;
      }
      case 'confirm':
      case 'cancel':
      case 'move': {
        const one = this.#known(step.claim);
        const more = step.kind === 'move' ? { session: this.#sessions[step.session] ?? 0 } : {};
        if (!one) return undefined;
        const { outcome } = await say(
          by,
          `${step.kind}_claim`,
          one.id,
          this.#member(one.member),
          more,
        );
        return outcome;
      }
      case 'decide': {
        const one = this.#known(step.claim);
        if (!one) return undefined;
        const [row] = await by<{ outcome: string }[]>`
          select decide_claim(${one.id}::uuid, ${step.isYes}, ${this.#officer}, 'model') ->> 'outcome' as outcome`;
        return row?.outcome;
      }
      case 'redeem': {
        const item = city.item(this.#member(step.member), this.benefit, new Date(this.rules.now));
        const [answer] = await redeem(by, [item]);
        return { item, outcome: answer?.outcome };
      }
      case 'reverse': {
        const use = this.#uses[step.use];
        if (!use) return undefined;
        const at = new Date(this.rules.now).toISOString();
        const asked = {
          ...{ id: idIn(use.item.cell), redemptionId: use.item.id, reason: 'model' },
          ...{ user: this.#officer, sessionAt: at, secondFactorAt: at },
        };
        const [row] = await by<{ outcome: string }[]>`
          select reverse_redemption(${by.json(asked)}) ->> 'outcome' as outcome`;
        return row?.outcome;
      }
      case 'resize': {
        const id = this.#sessions[step.session];
        if (id === undefined) return undefined;
        const [row] = await by<
          { done: boolean }[]
        >`select resize_session(${id}, ${step.cap}) as done`;
        return row?.done;
      }
      case 'pool':
        return this.#setPool(by, step.pool, step.cap);
      case 'callOff': {
        const id = this.#sessions[step.session];
        if (id === undefined) return undefined;
        const [row] = await by<{ done: boolean }[]>`
          select cancel_session(${id}, ${this.#officer}, 'model') as done`;
        return row?.done;
      }
      case 'lift':
        return by`
          update mark set lifted_at = clock(), lifted_by = ${this.#officer}, lift_reason = 'model'
          where member_id = ${member?.id ?? 0} and lifted_at is null`;
      case 'leave':
        return by`select leave_member(${member?.id ?? 0}::bigint, ${city.unions.root}, 'model')`;
      case 'transfer':
        return transfer(by, city, this.#member(step.member));
      case 'end':
        return by.begin(async (tx) => {
          await tx`update benefit set stage = 'ended' where id = ${this.benefit}`;
          await tx`select lapse_claims(${this.benefit})`;
        });
      case 'wait':
        return this.#wait(step.minutes);
    }
  }

  /** What allocations/places.ts does. */
  async #setPool(by: Sql, pool: PoolName, cap: number): Promise<boolean> {
    const district = pool === 'home' ? this.#city.unions.home : null;
    return by.begin(async (tx) => {
      await tx`select from benefit where id = ${this.benefit} for no key update`;
      await tx`select lock_places(${this.benefit}, '{}')`;
      const set = await tx`
        update allocation set cap = ${cap}
        where benefit_id = ${this.benefit} and district_id is not distinct from ${district}
          and used + claimed <= ${cap} returning id`;
      await tx`select offer_places(${this.benefit}, null, clock())`;
      return set.length > 0;
    });
  }

  async #wait(minutes: number): Promise<void> {
    this.rules.now += minutes * minuteMs;
    await setClock(this.#sql, new Date(this.rules.now).toISOString());
    const order = await this.upkeep(this.#sql);
    const seeds = new Map<number, string>();
    for (const [i, id] of this.#waves.entries()) {
      const [row] = await this.#sql<
        { seed: string | null }[]
      >`select seed from wave where id = ${id}`;
      if (row?.seed) seeds.set(i, row.seed);
    }
    this.rules.upkeep(seeds, order);
  }

  /** The order of the draw, when it was drawn by this. */
  async upkeep(by: Sql): Promise<string[] | null> {
    await by`select open_waves(${this.benefit})`;
    await by`select close_draw(${this.benefit})`;
    const [drawn] = await by<{ word: string }[]>`
      select run_draw(${this.benefit}, '7') as word from draw where benefit_id = ${this.benefit}`;
    await by`select expire_claims(${this.benefit})`;
    await by`select finish_sessions()`;
    if (drawn?.word !== 'drawn') return null;
    const order = await by<{ id: string }[]>`
      select claim_id as id from draw_entry where benefit_id = ${this.benefit} order by place`;
    return order.map(({ id }) => id);
  }

  async compare(what: string): Promise<void> {
    const rows = await this.#sql<Row[]>`
      select c.id, c.state, c.used, c.session_id as session,
        case when a.id is null then null when a.district_id is null then 'shared' else 'home' end as pool
      from claim c left join allocation a on a.id = c.allocation_id
      where c.benefit_id = ${this.benefit} order by c.id`;
    const mine = this.rules.claims
      .map(({ id, state, used, session, pool }) => ({
        id,
        state,
        used,
        session: session === null ? null : this.#sessions[session],
        pool,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    deepEqual(
      rows.map((row) => ({ ...row })),
      mine,
      what,
    );
  }

  #known(i: number): Claim | undefined {
    return this.rules.claims[i % (this.rules.claims.length || 1)];
  }

  /**
   * All of these at once, each over a connection of its own, beside what sees to waves, holds and sessions; nobody can
   * say how that ends, so the rules end here, and only know which claims there are. An error of any is an error.
   */
  async together(crowd: Sql, steps: ClaimStep[]): Promise<void> {
    const minutes = steps.reduce((sum, one) => sum + (one.kind === 'wait' ? one.minutes : 0), 0);
    this.rules.now += minutes * minuteMs;
    await setClock(this.#sql, new Date(this.rules.now).toISOString());
    const acts = steps.filter(({ kind }) => kind !== 'wait');
    await Promise.all([
      ...acts.map(async (step) => {
        const said = await this.send(step, crowd);
        if (step.kind !== 'redeem') return;
        const { item, outcome } = said as { item: Item; outcome: string };
        if (outcome === 'accepted') this.#uses.push({ item, claim: undefined });
      }),
      this.upkeep(crowd),
      this.upkeep(crowd),
    ]);
    // What came due while they were at it.
    await this.upkeep(crowd);
    const rows = await crowd<{ id: string; member: string }[]>`
      select id, member_id as member from claim where benefit_id = ${this.benefit} order by turn`;
    const member = (of: string) => this.#members.findIndex(({ id }) => id === Number(of));
    this.rules.claims.splice(
      0,
      Infinity,
      ...rows.map((row) => ({ ...nobody, id: row.id, member: member(row.member) })),
    );
  }

  #member(i: number): Member {
    const member = this.#members[i];
    if (!member) throw new RangeError('Nobody did that.');
    return member;
  }
}

/** What contradicts the invariants of one benefit's claims (I1, I2, I3, I18), none when all is well. */
export async function faultsOf(sql: Sql, benefit: number): Promise<string[]> {
  const rows = await sql<{ fault: string }[]>`
    select finding || ': ' || subject as fault from consistency()
    union all
    select 'a unit is free, and somebody waits for it: ' || c.id
    from claim c
    cross join lateral pool_for(c.benefit_id, c.union_id, c.at, c.quantity) p
    where c.benefit_id = ${benefit} and c.state = 'waiting' and limit_refusal(c) is null and (
      not exists (select from session s where s.benefit_id = ${benefit})
      or exists (
        select from session s
        where s.benefit_id = ${benefit} and (c.session_id is null or s.id = c.session_id)
          and s.cancelled_at is null and s.starts_at > clock() and s.cap - s.taken >= c.quantity
      )
    )
    union all
    select 'a change was told twice, not at all, or went back: ' || c.id
    from claim c
    join lateral (
      select array_agg(coalesce(e.before, '') order by e.id) as befores,
        array_agg(e.state order by e.id) as states,
        bool_and(e.before is null or e.before = e.state or claim_may(e.before, e.state)) as forward
      from claim_event e where e.cell = c.cell and e.claim_id = c.id
    ) told on true
    where c.benefit_id = ${benefit} and (
      told.forward is not true or told.befores[1] <> '' or told.states[cardinality(told.states)] <> c.state
      or told.befores[2:] <> told.states[:cardinality(told.states) - 1]
    )
    union all
    select 'a member has more than his limit: ' || c.member_id
    from claim c
    join benefit b on b.id = c.benefit_id
    where c.benefit_id = ${benefit}
      and c.state in ('entered', 'asked', 'held', 'confirmed', 'used', 'no_show')
    group by c.member_id, period_start(b.limit_period, c.at), b.limit_count
    having sum(c.quantity) > b.limit_count`;
  return rows.map(({ fault }) => fault);
}
