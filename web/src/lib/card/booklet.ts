import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

/** Two hours of passes, kept on the phone so that the card opens without a network. */
export type Booklet = InferResponseType<typeof api.me.passes.$get, 200>;
export type Pass = Booklet['passes'][number];

/** What is kept: the booklet, and how far this phone's clock was from the server's when it came. */
export type Kept = { booklet: Booklet; clockErrorMilliseconds: number };

const key = 'tongka-booklet';

// A pass is accepted ten seconds before its minute; five of them give the cashier a fresh code.
const earlyMilliseconds = 5_000;

export function keepBooklet(kept: Kept): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Without storage the card still works while the page is open.
  }
}

export function keptBooklet(): Kept | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as Kept);
  } catch {
    return null;
  }
}

export function dropBooklet(): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept then.
  }
}

/** The pass to show at an instant of the server's clock, or null when the booklet has run out. */
export function passAt(booklet: Pick<Booklet, 'passes'>, serverMilliseconds: number): Pass | null {
  const at = serverMilliseconds + earlyMilliseconds;
  return (
    booklet.passes.find(
      ({ from, expiresAt }) => Date.parse(from) <= at && at < Date.parse(expiresAt),
    ) ?? null
  );
}

/** Milliseconds until the screen goes on to the next pass: never the full minute's last five seconds. */
export function showsFor(pass: Pass, serverMilliseconds: number): number {
  return Date.parse(pass.expiresAt) - earlyMilliseconds - serverMilliseconds;
}

/** The last instant at which the booklet can still answer. */
export function lastsUntil(booklet: Booklet): number {
  return Math.max(0, ...booklet.passes.map(({ expiresAt }) => Date.parse(expiresAt)));
}
