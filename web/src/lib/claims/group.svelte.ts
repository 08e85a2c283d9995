import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import { idFor, settle } from './kept-id.ts';
import type { State } from './types.ts';

export const groupMax = 200;

/** One line of who is to be claimed for, and how far it has come. */
export type Line = {
  /** As it was pasted: a name, a phone or an ID number. */
  text: string;
  member: { id: number; name: string } | null;
  /** What was heard of him: his claim, or why not. */
  heard:
    | { what: 'ready' }
    | { what: 'unknown' | 'wrong' }
    | { what: 'many'; count: number }
    | { what: 'made'; state: State }
    | { what: 'refused'; problem: Problem };
};

export type GroupWish = {
  benefit: number;
  session: number | null;
  quantity: number;
  waits: boolean;
  answers: Record<string, string | number>;
};

const namesakesMax = 20;

/** Claims for members, one after the other, each within his own limits; what one hears keeps nobody else back. */
export class Group {
  #lines = $state.raw<readonly Line[]>([]);
  #done = $state(0);
  #all = $state(0);
  #isStopped = false;

  get lines(): readonly Line[] {
    return this.#lines;
  }
  /** How far the work under way has come. */
  get done(): number {
    return this.#done;
  }
  get all(): number {
    return this.#all;
  }
  /** Who may be claimed for: found, and nothing made for him yet. */
  get open(): readonly Line[] {
    return this.#lines.filter(isOpen);
  }

  /** Who these are: one a line, each once. */
  async find(union: number, text: string): Promise<void> {
    const words = wordsOf(text)
      .filter((word, i, all) => all.indexOf(word) === i)
      .slice(0, groupMax);
    this.#begin(words.length);
    const found: Line[] = [];
    for (const word of words) {
      if (this.#isStopped) break;
      const line = await whoIs(union, word);
      const isTwice = found.some((one) => one.member !== null && one.member.id === line.member?.id);
      if (!isTwice) found.push(line);
      this.#lines = [...found];
      this.#done += 1;
    }
  }

  async claim(wish: GroupWish): Promise<void> {
    const open = this.open;
    this.#begin(open.length);
    for (const line of open) {
      if (this.#isStopped || line.member === null) break;
      const heard = await claimFor(line.member.id, wish);
      this.#replace(line, { ...line, heard });
      this.#done += 1;
      // Without a network nobody after him is heard either.
      if (heard.what === 'refused' && heard.problem.isUnreachable) break;
    }
  }

  remove(line: Line): void {
    this.#lines = this.#lines.filter((one) => one !== line);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #begin(all: number): void {
    this.#isStopped = false;
    this.#done = 0;
    this.#all = all;
  }

  #replace(line: Line, by: Line): void {
    this.#lines = this.#lines.map((one) => (one === line ? by : one));
  }
}

export const wordsOf = (text: string): string[] =>
  text
    .split(/[\n\r\t,，;；、]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');

const isOpen = ({ member, heard }: Line): boolean =>
  member !== null && (heard.what === 'ready' || heard.what === 'refused');

async function whoIs(union: number, text: string): Promise<Line> {
  const plain = text.replace(/[ -]/g, '');
  const isPhone = /^(\+?86)?1\d{10}$/.test(plain);
  const isId = /^\d{17}[\dXx]$/.test(plain);
  const nobody = (heard: Line['heard']): Line => ({ text, member: null, heard });
  if (!isPhone && !isId && /\d/.test(plain)) return nobody({ what: 'wrong' });
  const json = isPhone
    ? { person: { phone: plain }, limit: 1 }
    : isId
      ? { person: { idNumber: plain }, limit: 1 }
      : { name: text, limit: namesakesMax };
  try {
    const param = { id: String(union) };
    const { members } = await ask(api.unions[':id'].members.search.$post({ param, json }));
    // A name is asked for by its beginning; who is meant is called just that.
    const meant = isPhone || isId ? members : members.filter(({ name }) => name === text);
    const [member] = meant;
    if (member === undefined) return nobody({ what: 'unknown' });
    if (meant.length > 1) return nobody({ what: 'many', count: meant.length });
    return { text, member: { id: member.id, name: member.name }, heard: { what: 'ready' } };
  } catch (thrown) {
    const problem = asProblem(thrown);
    const isWrong = ['id_number_invalid', 'phone_invalid', 'invalid_request'].includes(
      problem.code,
    );
    if (isWrong) return nobody({ what: 'wrong' });
    throw thrown;
  }
}

async function claimFor(member: number, wish: GroupWish): Promise<Line['heard']> {
  const { benefit, session, quantity, waits, answers } = wish;
  const id = idFor({ benefit, session, quantity, member: String(member) }, member % 64);
  const json = { benefit, session, quantity, waits, answers, member: String(member) };
  try {
    const { state } = await ask(api.claims[':id'].$put({ param: { id }, json }));
    settle(id);
    return { what: 'made', state };
  } catch (thrown) {
    return { what: 'refused', problem: asProblem(thrown) };
  }
}
