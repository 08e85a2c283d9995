import { api, ask } from '#lib/api.ts';
import { count } from '#lib/format.ts';
import { paths } from '#lib/paths.ts';
import { m } from '#lib/paraglide/messages.js';
import { whileVisible } from './while-visible.ts';

const everyMilliseconds = 30_000;
const most = 99;

const told = 'tongka-unread';

let stopLast = (): void => {};

/**
 * Keeps the mark of what is new on the way to it in the member's navigation, as long as that is there. It is put there
 * from outside, so that the card's screen does not carry it.
 */
export function markUnread(): void {
  stopLast();
  const show = (unread: number): void => {
    const link = document.querySelector<HTMLElement>(`nav li a[href="${paths.claims()}"]`);
    if (link === null) stopLast();
    else draw(link, unread);
  };
  const look = async (): Promise<void> => show((await ask(api.me.inbox.unread.$get())).unread);
  const hear = (event: Event): void => show((event as CustomEvent<number>).detail);
  const { stop } = whileVisible(look, () => everyMilliseconds);
  addEventListener(told, hear);
  stopLast = () => {
    removeEventListener(told, hear);
    stop();
  };
  void look().catch(() => undefined);
}

/** It was read here; the mark need not wait for its turn. */
export function tellUnread(unread: number): void {
  dispatchEvent(new CustomEvent(told, { detail: unread }));
}

function draw(link: HTMLElement, unread: number): void {
  const known = link.querySelector('[data-unread]');
  if (unread === 0) return known?.remove();
  const mark = known ?? link.appendChild(document.createElement('span'));
  mark.setAttribute('data-unread', '');
  mark.className =
    'bg-primary text-primary-content absolute top-0.5 left-1/2 ml-2 min-w-5 rounded-full px-1 text-center text-xs leading-5 font-semibold';
  const figure = unread > most ? `${most}+` : count(unread);
  const seen = Object.assign(document.createElement('span'), { textContent: figure });
  seen.setAttribute('aria-hidden', 'true');
  const heard = Object.assign(document.createElement('span'), {
    className: 'sr-only',
    textContent: m.own_unread({ count: figure }),
  });
  mark.replaceChildren(seen, heard);
}
