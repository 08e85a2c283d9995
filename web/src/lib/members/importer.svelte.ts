import { uuidv7 } from 'uuidv7';
import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import type { Field, Import, RowProblem } from './types.ts';
import { upload } from './upload.ts';

const pollMilliseconds = 1000;
const working = new Set<Import['state']>(['checking', 'committing', 'undoing']);

/** One file on its way in. All of it is kept by the server: closing the page loses nothing, and any page goes on. */
export class Importer {
  #one = $state.raw<Import | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #sent = $state(0);
  #isBusy = $state(false);
  #rejected = $state.raw<readonly { row: number; problem: RowProblem }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  get one(): Import | null {
    return this.#one;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get isBusy(): boolean {
    return this.#isBusy;
  }
  get rejected() {
    return this.#rejected;
  }
  readonly isWorking: boolean = $derived(this.#one !== null && working.has(this.#one.state));
  readonly progress: number = $derived(
    this.#one?.state === 'uploading' ? this.#sent : (this.#one?.progress ?? 0),
  );

  async open(id: string): Promise<void> {
    await this.#run(() => ask(api.imports[':id'].$get({ param: { id } })));
  }

  /** Begins with a file, or goes on with the one whose upload stopped. Answers its id. */
  async send(file: File, unionId: number): Promise<void> {
    await this.#run(async () => {
      const id =
        this.#one?.state === 'uploading' && this.#one.bytes === file.size ? this.#one.id : uuidv7();
      this.#sent = 0;
      await ask(
        api.imports[':id'].$put({
          param: { id },
          json: { unionId, fileName: file.name.slice(0, 200), bytes: file.size },
        }),
      );
      this.#one = await ask(api.imports[':id'].$get({ param: { id } }));
      return upload(file, this.#one, (share) => (this.#sent = share));
    });
  }

  async check(columns: Partial<Record<Field, number>>, isComplete: boolean): Promise<void> {
    await this.#step((param) =>
      ask(api.imports[':id'].check.$post({ param, json: { columns, isComplete } })),
    );
  }

  async commit(): Promise<void> {
    await this.#step((param) => ask(api.imports[':id'].commit.$post({ param, json: {} })));
  }

  /** Throws what went wrong, to be said where it was asked. */
  async undo(reason: string): Promise<void> {
    const param = { id: this.#one?.id ?? '' };
    this.#take(await ask(api.imports[':id'].undo.$post({ param, json: { reason } })));
  }

  async cancel(): Promise<void> {
    await this.#step((param) => ask(api.imports[':id'].$delete({ param, json: {} })));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Ready for another file; what was begun goes on without us. */
  forget(): void {
    this.stop();
    this.#one = null;
    this.#problem = null;
    this.#rejected = [];
  }

  #step(ask: (param: { id: string }) => Promise<Import>): Promise<void> {
    const { id } = this.#one ?? {};
    return id === undefined ? Promise.resolve() : this.#run(() => ask({ id }));
  }

  async #run(question: () => Promise<Import>): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#problem = null;
    try {
      this.#take(await question());
    } catch (thrown) {
      this.#problem = asProblem(thrown);
      // Nothing goes on with a file that is no table: the import has ended, and says so itself.
      if (this.#problem.code === 'file_unreadable' && this.#one) await this.#look(this.#one.id);
    } finally {
      this.#isBusy = false;
    }
  }

  #take(one: Import): void {
    if (one.id !== this.#one?.id) this.#rejected = [];
    this.#one = one;
    clearTimeout(this.#timer);
    if (working.has(one.state))
      this.#timer = setTimeout(() => void this.#look(one.id), pollMilliseconds);
    else if ((one.counts.rejected ?? 0) > 0) void this.#loadRejected(one.id);
  }

  /** What fails on the way is asked again: the work goes on without us. */
  async #look(id: string): Promise<void> {
    try {
      this.#take(await ask(api.imports[':id'].$get({ param: { id } })));
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
      this.#timer = setTimeout(() => void this.#look(id), 3 * pollMilliseconds);
    }
  }

  async #loadRejected(id: string): Promise<void> {
    try {
      const query = { limit: '50' };
      this.#rejected = (
        await ask(api.imports[':id'].rejected.$get({ param: { id }, query }))
      ).rejected;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }
}
