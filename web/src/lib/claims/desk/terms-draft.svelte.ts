import { count, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { instantOf, isMoment, localMoment } from './local-time.ts';
import type { Desk, Kind, Terms, TermsForm } from './types.ts';

type Question = Terms['questions'][number];
type Shown =
  'opens' | 'hold' | 'cancel' | 'wait' | 'approval' | 'door' | 'walkIns' | 'marks' | 'questions';
type Defaults = Pick<Terms, 'holdMinutes' | 'cancelMinutes' | 'hasWaitList' | 'answerMinutes'> & {
  weight: number;
};

/** Which rules make sense for a kind of claim. */
const shownOf: Record<Kind, readonly Shown[]> = {
  drop: ['hold', 'cancel', 'wait', 'door', 'marks'],
  draw: ['opens', 'hold', 'cancel', 'wait', 'door', 'marks', 'questions'],
  slot: ['opens', 'cancel', 'wait', 'door', 'walkIns', 'marks', 'questions'],
  sign_up: ['opens', 'cancel', 'wait', 'approval', 'door', 'walkIns', 'marks', 'questions'],
  // Its rules have a form of their own.
  room: [],
  offer: ['opens', 'wait'],
};

const defaultsOf: Record<Kind, Defaults> = {
  drop: {
    holdMinutes: 10,
    cancelMinutes: 120,
    hasWaitList: true,
    answerMinutes: 30,
    weight: 1,
  },
  draw: { holdMinutes: 1440, cancelMinutes: 0, hasWaitList: true, answerMinutes: 1440, weight: 0 },
  slot: {
    holdMinutes: null,
    cancelMinutes: 1440,
    hasWaitList: true,
    answerMinutes: 120,
    weight: 1,
  },
  sign_up: {
    holdMinutes: null,
    cancelMinutes: 1440,
    hasWaitList: true,
    answerMinutes: 720,
    weight: 1,
  },
  room: { holdMinutes: null, cancelMinutes: 120, hasWaitList: false, answerMinutes: 60, weight: 1 },
  offer: { holdMinutes: null, cancelMinutes: 0, hasWaitList: false, answerMinutes: 60, weight: 0 },
};

/** The most characters of a text, and how far from nothing a number may be, as the API has it. */
const textMax = 1000;
const numberMax = 1_000_000_000;

const neverMarked: readonly string[] = ['health', 'hardship'];
const dayMilliseconds = 86_400_000;

type OptionDraft = { id: string; labelZh: string; labelEn: string };

/** A question as it is being written; numbers as typed. */
export class QuestionDraft {
  readonly id: string;
  kind = $state<Question['kind']>('text');
  labelZh = $state('');
  labelEn = $state('');
  isRequired = $state(true);
  options = $state<OptionDraft[]>([]);
  min = $state('');
  max = $state('');

  constructor(id: string) {
    this.id = id;
  }

  static of(question: Question): QuestionDraft {
    const draft = new QuestionDraft(question.id);
    draft.kind = question.kind;
    draft.labelZh = question.labelZh;
    draft.labelEn = question.labelEn;
    draft.isRequired = question.isRequired;
    draft.options = (question.options ?? []).map((one) => ({ ...one }));
    draft.min = String(question.min ?? '');
    draft.max = String(question.max ?? '');
    return draft;
  }

  addOption(): void {
    const id = freeId('o', this.options);
    this.options.push({ id, labelZh: '', labelEn: '' });
  }

  removeOption(id: string): void {
    this.options = this.options.filter((one) => one.id !== id);
  }

  setKind(kind: Question['kind']): void {
    this.kind = kind;
    while (kind === 'choice' && this.options.length < 2) this.addOption();
  }

  /** What is wrong with its least number, in words. */
  get wrongMin(): string | undefined {
    return this.kind === 'number' ? wrongBound(this.min, -numberMax, numberMax) : undefined;
  }

  /** What is wrong with its highest number, or with how many characters it takes. */
  get wrongMax(): string | undefined {
    if (this.kind === 'choice') return undefined;
    if (this.kind === 'text') return wrongBound(this.max, 1, textMax);
    const wrong = wrongBound(this.max, -numberMax, numberMax);
    const isBelow = this.min.trim() !== '' && this.max.trim() !== '' && +this.max < +this.min;
    return wrong ?? (isBelow ? m.claims_desk_wrong_bound_order() : undefined);
  }

  get isComplete(): boolean {
    const words = [this.labelZh, ...(this.kind === 'choice' ? this.options.map(zh) : [])];
    return (
      words.every((word) => word.trim() !== '') &&
      (this.kind !== 'choice' || this.options.length >= 2)
    );
  }

  get question(): TermsForm['questions'][number] {
    const { id, kind, isRequired, min, max } = this;
    return {
      id,
      kind,
      isRequired,
      ...bothLanguages(this),
      ...(kind === 'choice' && {
        options: this.options.map((one) => ({ id: one.id, ...bothLanguages(one) })),
      }),
      ...(kind === 'number' && min.trim() !== '' && { min: Number(min) }),
      ...(kind !== 'choice' && max.trim() !== '' && { max: Number(max) }),
    };
  }
}

/** How a benefit is claimed, as a form holds it: times in Beijing, and only what its kind has. */
export class ClaimTermsDraft {
  readonly #benefit: Desk['benefit'];
  readonly version: number;
  kind = $state<Kind>('sign_up');
  opens = $state('');
  closes = $state('');
  holdMinutes = $state<number | null>(null);
  cancelMinutes = $state(0);
  hasWaitList = $state(true);
  answerMinutes = $state(60);
  needsApproval = $state(false);
  doorMinutes = $state(60);
  walkIns = $state(false);
  questions = $state<QuestionDraft[]>([]);
  lateCancelWeight = $state(0);
  noShowWeight = $state(0);

  constructor({ benefit, terms }: Pick<Desk, 'benefit' | 'terms'>, now: number) {
    this.#benefit = benefit;
    this.version = terms?.version ?? 0;
    if (terms === null) {
      const ends = Date.parse(benefit.endsAt);
      this.opens = localMoment(Math.ceil((now + 1) / 3_600_000) * 3_600_000);
      this.closes = localMoment(Math.min(now + 30 * dayMilliseconds, ends));
      this.setKind('sign_up');
      return;
    }
    this.kind = terms.kind;
    this.opens = localMoment(terms.opensAt);
    this.closes = localMoment(terms.closesAt);
    this.holdMinutes = terms.holdMinutes;
    this.cancelMinutes = terms.cancelMinutes;
    this.hasWaitList = terms.hasWaitList;
    this.answerMinutes = terms.answerMinutes;
    this.needsApproval = terms.needsApproval;
    this.doorMinutes = terms.doorMinutes;
    this.walkIns = terms.walkIns;
    this.questions = terms.questions.map((one) => QuestionDraft.of(one));
    this.lateCancelWeight = terms.lateCancelWeight;
    this.noShowWeight = terms.noShowWeight;
  }

  shows(what: Shown): boolean {
    return shownOf[this.kind].includes(what);
  }

  /** Nobody is ever marked for these. */
  get isUnmarked(): boolean {
    return neverMarked.includes(this.#benefit.kind);
  }

  /** With what is usual for it. */
  setKind(kind: Kind): void {
    const { weight, ...rest } = defaultsOf[kind];
    Object.assign(this, rest);
    this.kind = kind;
    const given = this.isUnmarked ? 0 : weight;
    this.lateCancelWeight = given;
    this.noShowWeight = given;
    this.needsApproval = false;
    this.walkIns = false;
  }

  addQuestion(): void {
    this.questions.push(new QuestionDraft(freeId('q', this.questions)));
  }

  removeQuestion(id: string): void {
    this.questions = this.questions.filter((one) => one.id !== id);
  }

  moveQuestion(from: number, to: number): void {
    const all = [...this.questions];
    const [moved] = all.splice(from, 1);
    if (moved) all.splice(to, 0, moved);
    this.questions = all;
  }

  get isTimely(): boolean {
    const opens = Date.parse(instantOf(this.opens));
    return (
      isMoment(this.closes) && isMoment(this.opens) && opens < Date.parse(instantOf(this.closes))
    );
  }

  /** What is wrong with its window, in words. */
  get wrongWindow(): string | undefined {
    if (!this.isTimely) return m.claims_desk_wrong_window();
    const last = Date.parse(this.#benefit.endsAt);
    return Date.parse(instantOf(this.closes)) <= last
      ? undefined
      : m.claims_desk_wrong_after_end({ until: when(last, 'entry') });
  }

  /** What is wrong with its questions, in words. */
  get wrongQuestions(): string | undefined {
    if (!this.shows('questions')) return undefined;
    if (!this.questions.every((one) => one.isComplete)) return m.claims_desk_incomplete();
    return this.questions.some((one) => (one.wrongMin ?? one.wrongMax) !== undefined)
      ? m.claims_desk_wrong_questions()
      : undefined;
  }

  get terms(): Omit<TermsForm, 'reason'> {
    const has = (what: Shown) => this.shows(what);
    const usual = defaultsOf[this.kind];
    return {
      kind: this.kind,
      opensAt: instantOf(this.opens),
      closesAt: instantOf(this.closes),
      holdMinutes: has('hold') ? this.holdMinutes : null,
      cancelMinutes: has('cancel') ? this.cancelMinutes : usual.cancelMinutes,
      hasWaitList: has('wait') && this.hasWaitList,
      answerMinutes: this.answerMinutes,
      needsApproval: has('approval') && this.needsApproval,
      doorMinutes: this.doorMinutes,
      walkIns: has('walkIns') && this.walkIns,
      questions: has('questions') ? this.questions.map(({ question }) => question) : [],
      lateCancelWeight: has('marks') ? this.lateCancelWeight : 0,
      noShowWeight: has('marks') ? this.noShowWeight : 0,
      version: this.version,
    };
  }
}

const zh = ({ labelZh }: OptionDraft): string => labelZh;

/** A bound as it was typed; without one there is none. */
function wrongBound(text: string, min: number, max: number): string | undefined {
  if (text.trim() === '') return undefined;
  if (!/^-?\d+$/.test(text.trim())) return m.claims_desk_wrong_bound();
  return Number(text) < min || Number(text) > max
    ? m.claims_desk_wrong_bound_far({ min: count(min), max: count(max) })
    : undefined;
}

/** Who writes no English gets the Chinese there, too. */
function bothLanguages({ labelZh, labelEn }: Pick<OptionDraft, 'labelZh' | 'labelEn'>) {
  return { labelZh, labelEn: labelEn.trim() === '' ? labelZh : labelEn };
}

function freeId(letter: string, taken: readonly { id: string }[]): string {
  let number = taken.length + 1;
  while (taken.some(({ id }) => id === `${letter}${String(number)}`)) number += 1;
  return `${letter}${String(number)}`;
}
