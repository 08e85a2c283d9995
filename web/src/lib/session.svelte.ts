import { api, ask, post } from './api.ts';
import { dropBooklet } from './card/booklet.ts';
import { dropSession } from './kept-session.ts';
import { paths } from './paths.ts';
import { asProblem, type Problem } from './problem.ts';
import type { SessionFacts } from './session-facts.ts';

export type { SessionFacts };

/** Who is using this browser: asked once, asked again after signing in or out. */
class Session {
  #facts = $state.raw<SessionFacts | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #asking: Promise<SessionFacts | null> | null = null;

  get facts(): SessionFacts | null {
    return this.#facts;
  }
  /** Why `facts` could not be learned. */
  get problem(): Problem | null {
    return this.#problem;
  }
  get isSignedIn(): boolean {
    return this.#facts?.user != null;
  }

  load(): Promise<SessionFacts | null> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  reload(): Promise<SessionFacts | null> {
    this.#asking = null;
    return this.load();
  }

  /** What this phone kept of the last sign-in, until the server says otherwise. */
  recall(facts: SessionFacts): void {
    this.#facts ??= facts;
  }

  /** Nothing of one person stays on the phone for the next. */
  forget(): void {
    dropBooklet();
    dropSession();
    this.#facts = null;
    this.#asking = null;
  }

  async signOut(): Promise<void> {
    await post('/api/auth/sign-out');
    this.forget();
  }

  async signOutEverywhere(): Promise<void> {
    await ask(api.session.revocation.$post());
    this.forget();
  }

  /** The screen this person came for: the card, the counter, or the console. */
  home(): string {
    const facts = this.#facts;
    if (facts?.user == null) return paths.signIn();
    if (facts.member !== null) return paths.card();
    if (facts.posts.length > 0) return paths.counter();
    if (facts.offices.length > 0) return paths.console();
    return paths.card();
  }

  async #ask(): Promise<SessionFacts | null> {
    try {
      this.#facts = await ask(api.session.$get());
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
      this.#asking = null;
    }
    return this.#facts;
  }
}

export const session = new Session();
