import { api, ask } from '../api.ts';
import { kindNames } from '../benefits/kind-names.ts';
import { paths } from '../desk-paths.ts';
import { m } from '../paraglide/messages.js';
import { said } from '../said.ts';
import type { NavGroup, NavItem } from '../ui/nav.ts';
import { desk } from './desk.svelte.ts';
import { found } from './found.ts';
import { Loaded } from './loaded.svelte.ts';
import type { BenefitOfUnion, Partner } from './types.ts';

/** Somewhere to go, or, with `union`, another desk to sit down at. */
export type Find = {
  key: string;
  label: string;
  note: string;
  icon?: NavItem['icon'];
  to: { href: string } | { union: number };
};

const most = 6;
const pauseMilliseconds = 150;

/** Whatever a few letters lead to: pages, unions and benefits by what is here, partners by asking the server. */
export class Finder {
  readonly #pages: () => readonly NavGroup[];
  readonly #benefits = new Loaded<readonly BenefitOfUnion[]>();
  readonly #partners = new Loaded<readonly Partner[]>();
  #words = $state('');
  #active = $state(0);
  #benefitsOf: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly groups: readonly { title: string; finds: readonly Find[] }[] = $derived.by(() =>
    [
      { title: m.console_find_pages(), finds: this.#foundPages() },
      { title: m.console_union(), finds: this.#foundUnions() },
      { title: m.console_nav_benefits(), finds: this.#foundBenefits() },
      { title: m.partners_title(), finds: this.#foundPartners() },
    ].filter(({ finds }) => finds.length > 0),
  );
  readonly finds: readonly Find[] = $derived(this.groups.flatMap(({ finds }) => finds));
  readonly active: Find | undefined = $derived(
    this.finds[Math.min(this.#active, this.finds.length - 1)],
  );

  constructor(pages: () => readonly NavGroup[]) {
    this.#pages = pages;
  }

  get words(): string {
    return this.#words;
  }
  get problem() {
    return this.#benefits.problem ?? this.#partners.problem;
  }
  get isAsking(): boolean {
    return this.#benefits.isAsking || this.#partners.isAsking;
  }

  /** Begins anew. */
  open(): void {
    this.type('');
    const id = desk.union?.id;
    if (id === undefined || (id === this.#benefitsOf && this.#benefits.value !== null)) return;
    this.#benefitsOf = id;
    void this.#benefits.ask(
      async () =>
        (await ask(api.unions[':id'].benefits.$get({ param: { id: String(id) } }))).benefits,
    );
  }

  type(words: string): void {
    this.#words = words;
    this.#active = 0;
    clearTimeout(this.#timer);
    const q = words.trim();
    if (q === '') void this.#partners.ask(() => Promise.resolve([]));
    else this.#timer = setTimeout(() => this.#askPartners(q), pauseMilliseconds);
  }

  /** Up or down by so many, round the ends. */
  move(by: number): void {
    const { length } = this.finds;
    if (length > 0) this.#active = (Math.min(this.#active, length - 1) + by + length) % length;
  }

  point(find: Find): void {
    this.#active = this.finds.indexOf(find);
  }

  #askPartners(q: string): void {
    void this.#partners.ask(
      async () =>
        (await ask(api.partners.$get({ query: { q: q.slice(0, 60), limit: String(most) } })))
          .partners,
    );
  }

  #foundPages(): Find[] {
    const items = this.#pages().flatMap(({ title, items }) =>
      items.map((item) => ({ ...item, title })),
    );
    return found(items, this.#words, ({ label, title }) => [label, title], items.length).map(
      ({ href, label, icon, title }) => ({ key: href, label, note: title, icon, to: { href } }),
    );
  }

  #foundUnions(): Find[] {
    if (this.#words.trim() === '') return [];
    const unions = desk.unions ?? [];
    const others = unions.filter(({ id }) => id !== desk.union?.id);
    return found(others, this.#words, ({ nameZh, nameEn }) => [nameZh, nameEn], most).map((one) => {
      const above = unions.find(({ id }) => id === one.parentId);
      return {
        key: `union ${one.id}`,
        label: said(one, 'name'),
        note: above === undefined ? '' : said(above, 'name'),
        to: { union: one.id },
      };
    });
  }

  #foundBenefits(): Find[] {
    if (this.#words.trim() === '') return [];
    const all = this.#benefits.value ?? [];
    return found(all, this.#words, ({ titleZh, titleEn }) => [titleZh, titleEn], most).map(
      (one) => ({
        key: `benefit ${one.id}`,
        label: said(one, 'title'),
        note: said(one.union, 'name'),
        to: { href: paths.consoleBenefit(String(one.id)) },
      }),
    );
  }

  #foundPartners(): Find[] {
    return (this.#partners.value ?? []).map((one) => ({
      key: `partner ${one.id}`,
      label: said(one, 'name'),
      note: `${kindNames[one.kind]()} · ${said(one.union, 'name')}`,
      to: { href: paths.consolePartners({ partner: one.id }) },
    }));
  }
}
