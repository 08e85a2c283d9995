import { fenOf } from '#lib/clearing/money.ts';
import { localDay } from '#lib/console/day.ts';
import { count, when, yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { instantOf, isoOf, weekdayOf } from './local-time.ts';
import type { Desk, Kind, NewSession } from './types.ts';

const dayMilliseconds = 86_400_000;
const mostAtOnce = 500;

/** One session or a series of them, as a form holds it: weekdays × times × weeks, in Beijing. */
export class SittingDraft {
  readonly kind: Kind;
  titleZh = $state('');
  titleEn = $state('');
  outlet = $state('');
  placeZh = $state('');
  placeEn = $state('');
  isTimed = $state(true);
  isSeries = $state(false);
  day = $state('');
  weeks = $state('4');
  weekdays = $state.raw<readonly number[]>([6, 7]);
  times = $state('');
  minutes = $state('120');
  cap = $state('');
  price = $state('');
  /** Those of a series that would have begun are left out. */
  readonly #now: number;
  readonly #benefit: Desk['benefit'];

  constructor(kind: Kind, { benefit, serverTime }: Pick<Desk, 'benefit' | 'serverTime'>) {
    const now = Date.parse(serverTime);
    this.kind = kind;
    this.#now = now;
    this.#benefit = benefit;
    this.day = localDay(now + dayMilliseconds);
    this.isTimed = kind !== 'draw' && kind !== 'offer';
  }

  get isTimeOptional(): boolean {
    return this.kind !== 'drop' && this.kind !== 'slot';
  }

  /** What is wrong with it, in words. */
  get why(): string | undefined {
    if (this.kind !== 'drop' && !/^\d{1,7}$/.test(String(this.cap).trim()))
      return m.claims_desk_wrong_cap();
    if (this.#priceFen === undefined)
      return m.claims_desk_wrong_price_form({ price: yuan(this.#benefit.priceFen) });
    if (!this.isTimed) return undefined;
    const starts = this.#starts();
    const { length } = starts;
    if (length === 0 || !(Number(this.minutes) > 0)) return m.claims_desk_wrong_times();
    if (length > mostAtOnce) return m.claims_desk_wrong_many();
    const from = Date.parse(this.#benefit.startsAt);
    const until = Date.parse(this.#benefit.endsAt);
    const outside = starts.filter((start) => start < from || start >= until).length;
    return outside === 0
      ? undefined
      : m.claims_desk_wrong_dates({
          count: count(outside),
          from: when(from, 'date'),
          until: when(until - 1, 'date'),
        });
  }

  get sessions(): NewSession[] {
    const common = {
      titleZh: this.titleZh.trim(),
      titleEn: this.titleEn.trim() === '' ? this.titleZh.trim() : this.titleEn.trim(),
      outlet: this.outlet === '' ? null : Number(this.outlet),
      placeZh: this.outlet === '' ? this.placeZh.trim() : '',
      placeEn: this.outlet !== '' ? '' : this.placeEn.trim() || this.placeZh.trim(),
      priceFen: this.#priceFen ?? null,
      cap: this.kind === 'drop' ? 0 : Number(this.cap),
    };
    if (!this.isTimed) return [{ ...common, startsAt: null, endsAt: null }];
    return this.#starts().map((start) => ({
      ...common,
      startsAt: isoOf(start),
      endsAt: isoOf(start + Number(this.minutes) * 60_000),
    }));
  }

  /** Its own price, null where it is the benefit's, undefined where it is none. */
  get #priceFen(): number | null | undefined {
    if (String(this.price).trim() === '') return null;
    const fen = fenOf(this.price);
    return fen !== undefined && fen <= this.#benefit.priceFen ? fen : undefined;
  }

  #starts(): number[] {
    const times = String(this.times)
      .replaceAll('：', ':')
      .split(/[\s,，、;；]+/)
      .filter((time) => time !== '');
    if (times.length === 0 || !times.every((time) => /^([01]?\d|2[0-3]):[0-5]\d$/.test(time)))
      return [];
    const starts = this.#days()
      .flatMap((day) =>
        times.map((time) => Date.parse(instantOf(`${day}T${time.padStart(5, '0')}`))),
      )
      .filter((start) => start > this.#now);
    return starts.filter((start, i) => starts.indexOf(start) === i).sort((a, b) => a - b);
  }

  #days(): string[] {
    const from = Date.parse(`${this.day}T00:00:00Z`);
    if (Number.isNaN(from)) return [];
    if (!this.isSeries) return [this.day];
    const weeks = Math.min(60, Math.max(0, Number(this.weeks) || 0));
    return Array.from({ length: weeks * 7 }, (_, i) => from + i * dayMilliseconds)
      .filter((day) => this.weekdays.includes(weekdayOf(day)))
      .map((day) => isoOf(day).slice(0, 10));
  }
}
