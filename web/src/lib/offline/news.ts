const name = 'tongka-counter';

/** Tells the other tabs of this phone that the store has changed. */
export class News {
  readonly #channel = new BroadcastChannel(name);

  tell(): void {
    this.#channel.postMessage('changed');
  }

  onHeard(listener: () => void): void {
    this.#channel.onmessage = listener;
  }
}
