import { api, ask } from '#lib/api.ts';
import { count } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { whileVisible } from './while-visible.ts';

const everyMilliseconds = 30_000;
const most = 99;

/**
 * Keeps the mark of what is new on the way to it, the link of the member's navigation to `href`. It comes after the screen,
 * which does not wait for it, and is put there from outside, so that the card's screen does not carry it.
 */
export function markUnread(href: string): () => void {
  const look = async (): Promise<void> => {
    draw(href, (await ask(api.me.inbox.unread.$get())).unread);
  };
  const hear = (event: Event): void => draw(href, (event as CustomEvent<number>).detail);
  addEventListener(told, hear);
  void look().catch(() => undefined);
  const { stop } = whileVisible(look, () => everyMilliseconds);
  return () => {
    removeEventListener(told, hear);
    stop();
  };
}

const told = 'tongka-unread';

/** It was read here; the mark need not wait for its turn. */
export function tellUnread(unread: number): void {
  dispatchEvent(new CustomEvent(told, { detail: unread }));
}

function draw(href: string, unread: number): void {
  const link = document.querySelector<HTMLElement>(`nav a[href="${CSS.escape(href)}"]`);
  if (link === null) return;
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
