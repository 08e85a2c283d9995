import { api, ask } from '#lib/api.ts';
import { sessionInWords } from '#lib/door/session-words.ts';
import { network } from '#lib/offline/network.svelte.ts';
import { noteOnline } from '#lib/offline/note-online.ts';
import { phone } from '#lib/offline/phone.svelte.ts';
import { checkOffline, isOfflineTurn, takeOffline, type OfflineStage } from '#lib/offline/scan.ts';
import { asProblem, Problem } from '#lib/problem.ts';
import { session } from '#lib/session.svelte.ts';
import type { Receipt, Scan, Today } from './answers.ts';
import type { Place } from './outlet.ts';
import { pendingOf, settlePending, storePending, type Pending } from './pending.ts';
import { newId } from './redemption-id.ts';
import { canGive, isDecided, nothingUsable, refusalOf, strangerRefusal } from './refusal.ts';
import type { Refusal, Titled } from './refusal.ts';
import { signal } from './signals.ts';
import { understand, type Understood } from './understand.ts';

type Shown = Extract<Understood, { kind: 'pass' | 'code' }>;

/** What the counter's screen shows; every stage but `sending`, `unsent` and `storing` can be left. */
export type Stage =
  | { at: 'ready' }
  | { at: 'checking' }
  | { at: 'unchecked'; shown: Shown; problem: Problem }
  /** A printed card: the ID card decides. */
  | { at: 'id_check'; shown: Shown; problem: Problem }
  | { at: 'preview'; scan: Scan }
  | { at: 'trying'; title: Titled }
  | { at: 'tried'; title: Titled; priceFen: number }
  | { at: 'sending'; pending: Pending }
  | { at: 'unsent'; pending: Pending; problem: Problem; isTrying: boolean }
  | { at: 'accepted'; pending: Pending; receipt: Receipt }
  | { at: 'refused'; refusal: Refusal }
  | OfflineStage;

type Tested = Titled & { id: number };

const retryMilliseconds = 3000;
// A phone that can go on by itself does not keep people waiting for a network that is as good as gone.
const patienceMilliseconds = 4000;
const asksForId: readonly string[] = ['id_check_required', 'id_check_failed'];
const busy: readonly Stage['at'][] = ['checking', 'trying', 'sending', 'unsent', 'storing'];

/** One counter: from a code in view to the answer on the screen. */
class Counter {
  #place = $state.raw<Place | null>(null);
  #stage = $state.raw<Stage>({ at: 'ready' });
  #today = $state.raw<Today | null>(null);
  #tests = $state.raw<readonly Tested[]>([]);
  #trial = $state.raw<Tested | null>(null);
  #waiting = $state.raw<readonly Pending[]>([]);
  // A pass that another camera app brought before anybody said where they stand.
  #early: string | null = null;
  // What the phone saw last: it is remembered as used when the server accepts it.
  #address: string | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;

  get place(): Place | null {
    return this.#place;
  }
  get stage(): Stage {
    return this.#stage;
  }
  get today(): Today | null {
    return this.#today;
  }
  /** Benefits that are to be tried out here before they open. */
  get tests(): readonly Tested[] {
    return this.#tests;
  }
  /** What the next scan is a test of. */
  get trial(): Tested | null {
    return this.#trial;
  }
  /** Confirmed uses without an answer that were put aside. */
  get waiting(): readonly Pending[] {
    return this.#waiting;
  }

  standAt(place: Place): void {
    if (this.#place?.id === place.id) return;
    this.#place = place;
    this.#today = null;
    this.#tests = [];
    this.#trial = null;
    if (this.#stage.at === 'preview') this.next();
    const early = this.#early;
    this.#early = null;
    if (early !== null) void this.read(early);
  }

  /** Whoever stands here now has no such place. */
  leave(): void {
    this.#place = null;
    this.#today = null;
    this.#tests = [];
    this.#trial = null;
    if (this.#stage.at === 'preview') this.next();
  }

  /** After a reload: what was sent and not answered is sent again before anything else. */
  async resume(): Promise<void> {
    if (this.#stage.at !== 'ready') return;
    this.#show({ at: 'ready' });
    const [oldest] = pendingOf(this.#user);
    if (oldest !== undefined) await this.#send(oldest);
  }

  /** A text from the camera, a photo, a scanner or the keyboard. */
  async read(text: string): Promise<void> {
    if (this.#place === null) this.#early = text;
    if (this.#place === null || !this.#isFree) return;
    const shown = understand(text);
    if (shown.kind === 'stranger') this.#refuse(strangerRefusal(shown.what));
    else if (shown.kind !== 'pairing') await this.check(shown);
  }

  /** `idLastFour` is what the ID card says beside a printed card, once it was asked for. */
  async check(shown: Shown, idLastFour?: string): Promise<void> {
    const outlet = this.#place?.id;
    if (outlet === undefined || !this.#isFree) return;
    this.#show({ at: 'checking' });
    this.#address = shown.kind === 'pass' ? shown.address : null;
    if (isOfflineTurn()) return this.#checkHere(outlet);
    try {
      const what = shown.kind === 'pass' ? { pass: shown.pass } : { code: shown.code };
      const init = phone.isReady ? { signal: AbortSignal.timeout(patienceMilliseconds) } : {};
      const json = { ...what, outlet, ...(idLastFour === undefined ? {} : { idLastFour }) };
      const scan = await ask(api.scans.$post({ json }, { init }));
      if (this.#trial === null) this.#offer(scan);
      else await this.#tryOut(scan, this.#trial);
    } catch (thrown) {
      const problem = heard(thrown);
      network.heed(problem);
      if (isOfflineTurn()) return this.#checkHere(outlet);
      if (asksForId.includes(problem.code)) {
        this.#show({ at: 'id_check', shown, problem });
        return signal('attention');
      }
      if (!problem.isUnreachable) return this.#refuse(refusalOf(problem));
      this.#show({ at: 'unchecked', shown, problem });
      signal('attention');
    }
  }

  /** Green only once the phone has stored it for good. */
  async confirmOffline(benefit: number, quantity: number): Promise<void> {
    if (this.#stage.at !== 'offer') return;
    const { found } = this.#stage;
    const offer = found.offers.find((one) => one.benefit.id === benefit && one.reason === null);
    if (offer === undefined) return;
    this.#show({ at: 'storing', offer });
    const answer = await takeOffline(found, offer, quantity, this.#user);
    if (answer.at === 'refused') this.#refuse(answer.refusal);
    else this.#show(answer);
    if (answer.at === 'unstored') signal('refused');
    if (answer.at !== 'stored') return;
    signal('accepted');
    await phone.changed();
    if (network.isOnline) await phone.sync();
  }

  /** The id is made and stored here, once, before anything is sent; a second tap finds the stage already changed. */
  async confirm(benefit: number, quantity: number): Promise<void> {
    if (this.#stage.at !== 'preview' || this.#place === null) return;
    const { scan } = this.#stage;
    const offer = scan.benefits.find((one) => one.id === benefit && canGive(one));
    if (offer === undefined) return;
    const session = offer.walkIn ?? offer.session;
    const pending: Pending = {
      ...(session === null ? {} : { session: sessionInWords(session, offer) }),
      ...(offer.walkIn === null
        ? {}
        : { walkIn: { id: newId(scan.cell), session: offer.walkIn.id } }),
      ...(this.#address === null ? {} : { address: this.#address }),
      id: newId(scan.cell),
      user: this.#user,
      ticket: scan.ticket,
      benefit,
      quantity,
      title: { titleZh: offer.titleZh, titleEn: offer.titleEn },
      maskedName: scan.holder.maskedName,
      coPaymentFen: offer.coPaymentFen * quantity,
      outlet: this.#place.id,
      madeAt: new Date().toISOString(),
    };
    storePending(pending);
    await this.#send(pending);
  }

  /** Sends the stored id again; the network is back, or somebody asked for it. */
  async retry(): Promise<void> {
    if (this.#stage.at !== 'unsent') return this.resume();
    if (this.#stage.isTrying) return;
    // Signed out, or somebody else now: it is kept for the one whose scan it was.
    if (this.#stage.pending.user !== this.#user) return this.setAside();
    this.#show({ ...this.#stage, isTrying: true });
    await this.#put(this.#stage.pending);
  }

  /** Back to scanning while an answer is outstanding: the stored id stays, and the screen says so. */
  setAside(): void {
    if (this.#stage.at === 'unsent') this.#show({ at: 'ready' });
  }

  next(): void {
    if (!['trying', 'sending', 'unsent', 'storing'].includes(this.#stage.at))
      this.#show({ at: 'ready' });
  }

  async lookAtToday(): Promise<void> {
    const id = this.#place?.id;
    if (id === undefined) return;
    const today = await ask(api.outlets[':id'].redemptions.$get({ param: { id: String(id) } }));
    if (this.#place?.id === id) this.#today = today;
  }

  async lookAtTests(): Promise<void> {
    const id = this.#place?.id;
    if (id === undefined) return;
    const { benefits } = await ask(api.outlets[':id'].$get({ param: { id: String(id) } }));
    if (this.#place?.id === id) this.#tests = benefits.filter(({ state }) => state === 'testing');
  }

  /** The next scan is a test of this benefit. */
  beginTrial(benefit: number): void {
    this.#trial = this.#tests.find(({ id }) => id === benefit) ?? null;
  }

  endTrial(): void {
    this.#trial = null;
  }

  get #isFree(): boolean {
    return !busy.includes(this.#stage.at);
  }

  get #user(): string {
    return session.facts?.user?.id ?? '';
  }

  #offer(scan: Scan): void {
    if (scan.benefits.some(canGive)) {
      this.#show({ at: 'preview', scan });
      signal('read');
    } else {
      this.#refuse(nothingUsable(scan.benefits));
    }
  }

  /** As if it were used, and nothing of it is kept. A lost answer costs nothing: it is tried again by hand. */
  async #tryOut({ ticket }: Scan, title: Tested): Promise<void> {
    this.#show({ at: 'trying', title });
    this.#trial = null;
    try {
      const json = { ticket, benefit: title.id, quantity: 1 };
      const { priceFen } = await ask(api.trials.$post({ json }));
      this.#show({ at: 'tried', title, priceFen });
      signal('attention');
    } catch (thrown) {
      this.#refuse(refusalOf(heard(thrown)));
    }
  }

  async #checkHere(outlet: number): Promise<void> {
    const answer = await checkOffline(this.#address, outlet);
    if (answer.at === 'refused') return this.#refuse(answer.refusal);
    this.#show(answer);
    signal('read');
  }

  async #send(pending: Pending): Promise<void> {
    this.#show({ at: 'sending', pending });
    await this.#put(pending);
  }

  async #put(pending: Pending): Promise<void> {
    const { id, ticket, benefit, quantity } = pending;
    try {
      await this.#letIn(pending);
      const receipt = await ask(
        api.redemptions[':id'].$put({ param: { id }, json: { ticket, benefit, quantity } }),
      );
      settlePending(id);
      this.#show({ at: 'accepted', pending, receipt });
      signal('accepted');
    } catch (thrown) {
      const problem = heard(thrown);
      network.heed(problem);
      if (isDecided(problem)) {
        settlePending(id);
        return this.#refuse(refusalOf(problem));
      }
      if (this.#stage.at !== 'unsent') signal('attention');
      this.#show({ at: 'unsent', pending, problem, isTrying: false });
      this.#retry = setTimeout(() => void this.retry(), retryMilliseconds);
      return;
    }
    await this.#noteUsed(pending).catch(() => undefined);
    await this.lookAtToday().catch(() => undefined);
  }

  /** Like the use itself, under an id that was stored: sent again, it is the same claim. */
  async #letIn({ walkIn, ticket, quantity }: Pending): Promise<void> {
    if (walkIn === undefined) return;
    const param = { id: String(walkIn.session) };
    const json = { id: walkIn.id, ticket, quantity };
    await ask(api['claim-sessions'][':id']['walk-ins'].$post({ param, json }));
  }

  async #noteUsed({ address, benefit, quantity }: Pending): Promise<void> {
    if (phone.store === null || phone.device === null || address === undefined) return;
    await noteOnline(phone.store, address, { benefit, quantity, at: phone.now() });
  }

  #refuse(refusal: Refusal): void {
    this.#show({ at: 'refused', refusal });
    signal(refusal.tone === 'error' ? 'refused' : 'attention');
  }

  #show(stage: Stage): void {
    clearTimeout(this.#retry);
    this.#stage = stage;
    const current = 'pending' in stage ? stage.pending.id : null;
    this.#waiting = pendingOf(this.#user).filter(({ id }) => id !== current);
  }
}

/** A page of some other network in place of the answer is no answer. */
function heard(thrown: unknown): Problem {
  return thrown instanceof SyntaxError ? new Problem('offline', 0) : asProblem(thrown);
}

export const counter = new Counter();
