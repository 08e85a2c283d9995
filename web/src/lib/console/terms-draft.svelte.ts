import type { Kind } from '../benefits/kinds.ts';
import { FundingDraft } from '../budgets/funding-draft.svelte.ts';
import { localDay } from './day.ts';
import { OfflineDraft } from './offline-draft.svelte.ts';
import type { NewTerms, Terms } from './types.ts';

export const everyDay = [1, 2, 3, 4, 5, 6, 7] as const;
const offset = '+08:00';
const dayMilliseconds = 86_400_000;

type Asked = Omit<NewTerms, 'reason' | 'stage'>;
type WholeTerms = { [Name in keyof Asked]-?: Exclude<Asked[Name], undefined> };

/** The terms as a form holds them: texts as typed, dates in Beijing, money in yuan. The last day is part of the window. */
export class TermsDraft {
  kind = $state<Kind>('cinema');
  titleZh = $state('');
  titleEn = $state('');
  summaryZh = $state('');
  summaryEn = $state('');
  price = $state('');
  faceValue = $state('');
  firstDay = $state(localDay(Date.now()));
  lastDay = $state(localDay(Date.now() + 90 * dayMilliseconds));
  weekdays = $state.raw<readonly number[]>(everyDay);
  opens = $state('00:00');
  closes = $state('24:00');
  districts = $state.raw<readonly number[]>([]);
  unions = $state.raw<readonly number[]>([]);
  ageMin = $state('');
  ageMax = $state('');
  tags = $state('');
  validDistricts = $state.raw<readonly number[]>([]);
  quantityMax = $state('1');
  limitCount = $state('1');
  limitPeriod = $state<Terms['limitPeriod']>('month');
  limitDays = $state('30');
  limitFamily = $state(false);
  printedLimit = $state('1');
  quotaPeriod = $state<Terms['quotaPeriod']>('total');
  cap = $state('');
  funding = $state.raw(new FundingDraft());
  offline = $state.raw(new OfflineDraft());

  static of(terms: Terms): TermsDraft {
    const draft = new TermsDraft();
    draft.kind = terms.kind;
    draft.titleZh = terms.titleZh;
    draft.titleEn = terms.titleEn;
    draft.summaryZh = terms.summaryZh;
    draft.summaryEn = terms.summaryEn;
    draft.price = String(terms.priceFen / 100);
    draft.faceValue = String(terms.faceValueFen / 100);
    draft.firstDay = localDay(Date.parse(terms.startsAt));
    draft.lastDay = localDay(Date.parse(terms.endsAt) - 1);
    draft.weekdays = terms.weekdays;
    draft.opens = clockTime(terms.opensMinute);
    draft.closes = clockTime(terms.closesMinute);
    draft.districts = terms.audience.districts ?? [];
    draft.unions = terms.audience.unions ?? [];
    draft.ageMin = String(terms.audience.age?.min ?? '');
    draft.ageMax = String(terms.audience.age?.max ?? '');
    draft.tags = (terms.audience.tags ?? []).join(' ');
    draft.validDistricts = terms.validDistricts ?? [];
    draft.quantityMax = String(terms.quantityMax);
    draft.limitCount = String(terms.limitCount);
    draft.limitPeriod = terms.limitPeriod;
    draft.limitDays = String(terms.limitDays ?? 30);
    draft.limitFamily = terms.limitFamily;
    draft.printedLimit = String(terms.printedLimit);
    draft.quotaPeriod = terms.quotaPeriod;
    draft.funding = FundingDraft.of(terms.funding);
    draft.cap = terms.cap === null ? '' : String(terms.cap);
    draft.offline = OfflineDraft.of(terms.offline);
    return draft;
  }

  /** What the server takes; it judges what is missing or contradicts itself. */
  get terms(): WholeTerms {
    const { ageMin, ageMax } = this;
    const tags = listed(this.tags);
    return {
      kind: this.kind,
      titleZh: this.titleZh,
      titleEn: this.titleEn,
      summaryZh: this.summaryZh,
      summaryEn: this.summaryEn,
      priceFen: fen(this.price),
      faceValueFen: fen(this.faceValue),
      startsAt: `${this.firstDay}T00:00:00${offset}`,
      endsAt: `${dayAfter(this.lastDay)}T00:00:00${offset}`,
      weekdays: [...this.weekdays],
      opensMinute: minute(this.opens),
      closesMinute: minute(this.closes),
      audience: {
        ...(this.districts.length > 0 && { districts: [...this.districts] }),
        ...(this.unions.length > 0 && { unions: [...this.unions] }),
        ...((ageMin !== '' || ageMax !== '') && {
          age: {
            ...(ageMin !== '' && { min: Number(ageMin) }),
            ...(ageMax !== '' && { max: Number(ageMax) }),
          },
        }),
        ...(tags.length > 0 && { tags }),
      },
      validDistricts: this.validDistricts.length > 0 ? [...this.validDistricts] : null,
      quantityMax: Number(this.quantityMax),
      limitCount: Number(this.limitCount),
      limitPeriod: this.limitPeriod,
      limitDays: this.limitPeriod === 'rolling' ? Number(this.limitDays) : null,
      limitFamily: this.limitFamily,
      printedLimit: Number(this.printedLimit),
      quotaPeriod: this.quotaPeriod,
      funding: this.funding.funding,
      cap: this.cap === '' ? null : Number(this.cap),
      offline: this.offline.terms,
    };
  }

  /** Whether what must be there is there; the rest is for the server to judge. */
  get isComplete(): boolean {
    const { titleZh, titleEn, summaryZh, summaryEn, price, faceValue, firstDay, lastDay } = this;
    const needed = [titleZh, titleEn, summaryZh, summaryEn, price, faceValue, firstDay, lastDay];
    return (
      needed.every((text) => String(text).trim() !== '') &&
      this.weekdays.length > 0 &&
      this.offline.isComplete
    );
  }
}

function dayAfter(day: string): string {
  const next = Date.parse(`${day}T00:00:00Z`) + dayMilliseconds;
  return Number.isNaN(next) ? day : new Date(next).toISOString().slice(0, 10);
}

function clockTime(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** 24:00 is the end of the day, which a time field cannot hold: it stands for 00:00 as a closing time, too. */
function minute(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function fen(yuan: string): number {
  return Math.round(Number(yuan) * 100);
}

function listed(text: string): string[] {
  return text.split(/[\s,，、;；]+/).filter((word) => word !== '');
}
