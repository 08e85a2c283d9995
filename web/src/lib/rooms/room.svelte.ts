import { api, ask } from '#lib/api.ts';
import { whileVisible } from '#lib/claims/while-visible.ts';
import type { Problem } from '#lib/problem.ts';
import { asProblem } from '#lib/problem.ts';
import { newId } from '#lib/scan/redemption-id.ts';
import type { RoomWeek } from './types.ts';
import { daysOf, instantOf, later, lengthsFrom, startsOf } from './week.ts';

const lookingMilliseconds = 30_000;

export type Wish = {
  day: string;
  start: number;
  minutes: number;
  people: number;
  purpose: string;
  member: string | null;
};

/** A shared room, week by week, and the wish for it. */
export class Room {
  readonly #benefit: number;
  #week = $state.raw<RoomWeek | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #from: string | undefined;
  #chosen = $state<string | null>(null);
  #start = $state<number | null>(null);
  #minutes = $state<number | null>(null);
  // The same wish keeps its id until its answer has come.
  #sent: { wish: string; id: string } | null = null;

  readonly days: readonly string[] = $derived(this.#week ? daysOf(this.#week.week) : []);
  /** The chosen day, or else the first of the week on which there is something. */
  readonly day: string | null = $derived.by(() => {
    const week = this.#week;
    if (week === null) return null;
    if (this.#chosen !== null && this.days.includes(this.#chosen)) return this.#chosen;
    return this.days.find((day) => startsOf(week, day).length > 0) ?? this.days[0] ?? null;
  });
  readonly starts: readonly number[] = $derived(
    this.#week === null || this.day === null ? [] : startsOf(this.#week, this.day),
  );
  readonly start: number | null = $derived(
    this.#start !== null && this.starts.includes(this.#start)
      ? this.#start
      : (this.starts[0] ?? null),
  );
  readonly lengths: readonly number[] = $derived(
    this.#week === null || this.day === null || this.start === null
      ? []
      : lengthsFrom(this.#week, this.day, this.start),
  );
  readonly minutes: number | null = $derived(
    this.#minutes !== null && this.lengths.includes(this.#minutes)
      ? this.#minutes
      : (this.lengths.find((length) => length >= 60) ?? this.lengths.at(-1) ?? null),
  );

  constructor(benefit: number) {
    this.#benefit = benefit;
  }

  get week(): RoomWeek | null {
    return this.#week;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get hasBefore(): boolean {
    return this.#week !== null && this.#week.week > this.#week.today;
  }
  get hasAfter(): boolean {
    return this.#week !== null && later(this.#week.week, 6) < this.#week.lastDay;
  }

  run(): () => void {
    void this.load();
    return whileVisible(
      () => this.load(),
      () => lookingMilliseconds,
    ).stop;
  }

  async load(): Promise<void> {
    const from = this.#from;
    try {
      const week = await ask(
        api.benefits[':id'].room.$get({
          param: { id: String(this.#benefit) },
          query: from === undefined ? {} : { from },
        }),
      );
      if (from !== this.#from) return;
      this.#week = week;
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }

  async turn(weeks: number): Promise<void> {
    if (this.#week === null) return;
    this.#from = later(this.#week.week, 7 * weeks);
    await this.load();
  }

  choose(day: string, start: number | null = null): void {
    this.#chosen = day;
    this.#start = start;
  }
  begin(start: number): void {
    this.#start = start;
  }
  take(minutes: number): void {
    this.#minutes = minutes;
  }

  /** Throws what a person has to hear; the week is looked at again either way. */
  async ask(wish: Wish, cell: number): Promise<'asked' | 'confirmed'> {
    const { day, start, minutes, ...rest } = wish;
    const json = {
      ...rest,
      benefit: this.#benefit,
      startsAt: instantOf(day, start),
      endsAt: instantOf(day, start + minutes),
    };
    const said = JSON.stringify(wish);
    if (this.#sent?.wish !== said) this.#sent = { wish: said, id: newId(cell) };
    try {
      const { state } = await ask(
        api['room-claims'][':id'].$put({ param: { id: this.#sent.id }, json }),
      );
      this.#sent = null;
      return state === 'asked' ? 'asked' : 'confirmed';
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status >= 400 && problem.status < 500) this.#sent = null;
      throw problem;
    } finally {
      await this.load();
    }
  }
}
