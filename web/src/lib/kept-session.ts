import type { SessionFacts } from './session-facts.ts';

const key = 'tongka-session';

/** Who was signed in last, for a paired phone that opens without a network. Signing out forgets it. */
export function keepSession(facts: SessionFacts): void {
  try {
    localStorage.setItem(key, JSON.stringify(facts));
  } catch {
    // Without storage the counter needs the network to open.
  }
}

export function keptSession(): SessionFacts | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as SessionFacts);
  } catch {
    return null;
  }
}

export function dropSession(): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept then.
  }
}
