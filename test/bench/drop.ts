import { idIn } from '../support/city.ts';
import { crowdSize, fillCity } from './crowd.ts';
import { Desk } from './desk.ts';
import {
  announce,
  type Drop,
  entrySeconds,
  faultsOf,
  loose,
  open,
  places,
  play,
  statesOf,
} from './drop-ground.ts';
import { figure, print, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { cookiesOf, type SignedIn, signInCrowd } from './signed-in.ts';
import { Storm, type Wanted, type Weathered } from './storm.ts';
import { openTill, Passes, type Till } from './till.ts';
import { bestOf, type Found, inTurns, type Kinds, type Round } from './turns.ts';

/** As many as may wait in the lane of one benefit, nearly; so nobody is told to come back. */
const width = 400;
/** More than may wait in the lane of one benefit: some are told to come back. */
const crowdedWidth = 1_000;
const tills = 8;
const redeemSeconds = 2;
const healthRequests = 30_000;
const pollCount = 20_000;
/** They are signed for five minutes. */
const cookieMs = 120_000;

/**
 * A film drop over HTTP: 50,000 members, each signed in with a session of his own, claim one of 1,000 tickets in 20
 * sessions; every other one would rather wait than hear that it is sold out. All in turns with /api/health of the same server over as many
 * connections; then the same with a crowd at the door while tills redeem beside it (I21). In the end everybody's claim is
 * brought to its final state, and counted.
 */
export async function drop(ground: Ground, members = crowdSize): Promise<void> {
  const { sql, config } = ground;
  await fillCity(sql);
  const till = await openTill(sql, config);
  const passes = new Passes(sql, config, till.holders);
  const people = await signInCrowd(sql, members);
  await sql`vacuum analyze`;
  const desk = await Desk.open(ground, passes, till);
  const hall = new Hall(ground, desk, till, people);
  try {
    await measure(hall, desk, till);
    await tellProfile(hall, desk);
    const start = performance.now();
    for (const one of hall.drops) {
      await play(sql, one, till, passes);
      expectNone(await loose(sql, one));
    }
    const each = (performance.now() - start) / 1000 / hall.drops.length;
    figure('drop-to-final-states', each, 's a drop, with its redemptions');
  } finally {
    await hall.close();
    await desk.close();
  }
  const contradictions = await sql`select * from consistency()`;
  if (contradictions.length > 0) throw new Error('The figures are of a broken ledger.');
}

async function measure(hall: Hall, desk: Desk, { benefits }: Till): Promise<void> {
  const seen: Weathered[] = [];
  const kinds: Kinds = new Map([
    [`health by ${width}`, () => hall.askHealth()],
    [
      `drop by ${width}`,
      async () => {
        const weathered = await hall.drop(width);
        seen.push(weathered);
        return roundOf(weathered);
      },
    ],
    [`poll by ${width}`, () => hall.poll()],
    [`till by ${tills}`, () => desk.redeem(redeemSeconds, { width: tills, benefits })],
  ]);
  tell(await inTurns(kinds), seen.slice(1));
  const stop = new AbortController();
  const redeeming = redeemUntil(stop.signal, desk, benefits);
  const crowded = await hall.drop(crowdedWidth).finally(() => stop.abort());
  const { perSecond, milliseconds } = await redeeming;
  const times = Array.from(milliseconds);
  figure('drop-crowded', roundOf(crowded).perSecond, `/s by ${crowdedWidth}`);
  figure('drop-crowded-turned-away', crowded.busy, 'times told to come back');
  figure('drop-beside-redemptions', perSecond, `/s by ${tills}`);
  figure('drop-beside-redemptions-p50', quantile(times, 0.5), 'ms');
  figure('drop-beside-redemptions-p99', quantile(times, 0.99), 'ms');
}

function tell(found: ReadonlyMap<string, Found>, drops: readonly Weathered[]): void {
  const names: [kind: string, said: string][] = [
    ['health', 'health'],
    ['drop', 'answers'],
    ['poll', 'polls'],
    ['till', 'redemptions-alone'],
  ];
  for (const [kind, said] of names) {
    const { perSecond, p50, p99, width: by } = bestOf(found, kind);
    figure(`drop-${said}`, perSecond, `/s by ${by}`);
    figure(`drop-${said}-p50`, p50, 'ms');
    figure(`drop-${said}-p99`, p99, 'ms');
  }
  figure('drop-entries', middle(drops.map(entriesASecond)), '/s in the seconds of entry');
  figure('drop-after-draw', middle(drops.map(afterASecond)), '/s afterwards');
  figure('drop-draw', middle(drops.map(longestGap)), 'ms in which nobody was answered');
  const ratio = bestOf(found, 'drop').perSecond / bestOf(found, 'health').perSecond;
  figure('drop-to-health', ratio, 'ratio', { atLeast: 0.3 });
}

const middle = (values: readonly number[]) => quantile(values, 0.5);

function entriesASecond({ answers }: Weathered): number {
  return answers.filter((answer) => answer === 'entered').length / entrySeconds;
}

function afterASecond({ answers, atMs, seconds }: Weathered): number {
  const after = atMs.filter((_, i) => answers[i] !== 'entered');
  return after.length / (seconds - (after.toSorted()[0] ?? 0) / 1000);
}

function longestGap({ atMs }: Weathered): number {
  const times = atMs.toSorted();
  return Math.max(...Array.from(times.slice(1), (at, i) => at - (times[i] ?? at)));
}

/** The crowd before one server, drop after drop. */
class Hall {
  readonly drops: Drop[] = [];
  readonly #ground: Ground;
  readonly #till: Till;
  readonly #people: readonly SignedIn[];
  readonly #storm: Storm;
  #polls: Wanted[] = [];
  #cookies: string[] = [];
  #cookiesAt = -Infinity;

  constructor(ground: Ground, desk: Desk, till: Till, people: readonly SignedIn[]) {
    this.#ground = ground;
    this.#till = till;
    this.#people = people;
    this.#storm = new Storm(desk.server.url);
  }

  /** A new drop, claimed by everybody once, and looked through. */
  async drop(by: number): Promise<Weathered> {
    const { sql } = this.#ground;
    const one = await announce(sql, this.#till);
    const cookies = await this.#freshCookies();
    const wanted = this.#people.map(({ cell }, i): Wanted => {
      const session = one.sessions[i % one.sessions.length] ?? 0;
      const body = { benefit: one.benefit, session, waits: i % 2 === 0 };
      return { method: 'PUT', path: `/api/claims/${idIn(cell)}`, cookie: cookies[i] ?? '', body };
    });
    const inAnyOrder = shuffled(wanted);
    await this.#storm.prepare(inAnyOrder);
    await open(sql, one);
    const weathered = await this.#storm.send(by);
    const { answers } = weathered;
    const strange = answers.find(
      (said) => !/^(entered|confirmed|waiting|session_full)$/.test(said),
    );
    if (strange !== undefined) throw new Error(`A member was answered ${strange}.`);
    expectNone(await faultsOf(sql, one));
    const states = await statesOf(sql, one);
    const stored = [...states.values()].reduce((sum, count) => sum + count, 0);
    const refused = answers.filter((said) => said === 'session_full').length;
    if (stored + refused !== this.#people.length) throw new Error('An answer was not kept.');
    // What autovacuum does within a minute: no city's claims are all of one drop for ever.
    await sql`analyze claim, claim_event`;
    this.drops.push(one);
    this.#polls = inAnyOrder
      .filter((_, i) => answers[i] !== 'session_full')
      .slice(0, pollCount)
      .map((asked) => ({ ...asked, method: 'GET', body: null }));
    return weathered;
  }

  /** What phones ask again and again while they wait: one claim, of the drop before. */
  async poll(): Promise<Round> {
    await this.#storm.prepare(this.#polls);
    const weathered = await this.#storm.send(width);
    const strange = weathered.answers.find((said) => said !== 'confirmed' && said !== 'waiting');
    if (strange !== undefined) throw new Error(`Who asked after his claim heard ${strange}.`);
    return roundOf(weathered);
  }

  async askHealth(): Promise<Round> {
    const wanted: Wanted = { method: 'GET', path: '/api/health', cookie: '', body: null };
    await this.#storm.prepare(Array.from({ length: healthRequests }, () => wanted));
    return roundOf(await this.#storm.send(width));
  }

  async close(): Promise<void> {
    await this.#storm.close();
  }

  /** Good for as long as a drop takes. They are ten times as many as a server remembers. */
  async #freshCookies(): Promise<string[]> {
    const { sql, config } = this.#ground;
    const now = performance.now();
    if (now - this.#cookiesAt > cookieMs) {
      this.#cookies = await cookiesOf(sql, config, this.#people);
      this.#cookiesAt = now;
    }
    return this.#cookies;
  }
}

function roundOf({ seconds, milliseconds }: Weathered): Round {
  return { perSecond: milliseconds.length / seconds, milliseconds };
}

async function redeemUntil(
  stop: AbortSignal,
  desk: Desk,
  benefits: readonly number[],
): Promise<Round> {
  const milliseconds: number[] = [];
  let seconds = 0;
  while (!stop.aborted) {
    const round = await desk.redeem(0.2, { width: tills, benefits });
    milliseconds.push(...Array.from(round.milliseconds));
    seconds += round.milliseconds.length / round.perSecond;
  }
  return { perSecond: milliseconds.length / seconds, milliseconds };
}

/** Where the server's time goes in a drop: sampled in its own process. */
async function tellProfile(hall: Hall, desk: Desk): Promise<void> {
  const before = await desk.server.report();
  await desk.server.startProfile();
  const { milliseconds } = await hall.drop(width);
  const { profile, cpuSeconds } = await desk.server.report();
  const each = ((cpuSeconds - before.cpuSeconds) * 1000) / milliseconds.length;
  figure('drop-server-time', each, 'ms of processor an answer');
  for (const { area, share } of profile ?? [])
    print(`bench drop-profile ${(share * 100).toFixed(1).padStart(5)} % ${area}`);
}

/** Members come as they come, not by number; the same order each time. */
function shuffled<T>(list: readonly T[]): T[] {
  const keyed = list.map((one, i) => ({ one, key: (i * 2654435761) % 2 ** 32 }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ one }) => one);
}

function expectNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(`After the drop of ${places}: ${faults.join('; ')}.`);
}
