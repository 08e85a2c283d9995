// Generous, because nobody types eight characters and Enter where there is no field to type in.
const gapMillisecondsMax = 1000;
const lengthMin = 8;

/** Reads a USB scanner, which is a keyboard that types very fast and ends with Enter. */
export class Wedge {
  #typed = '';
  #last = 0;
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** For keydown of the whole document, in the capture phase: Enter must not reach the button that has the focus. */
  press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isEditable(event.target)) return;
    const isSlow = event.timeStamp - this.#last > gapMillisecondsMax;
    this.#last = event.timeStamp;
    if (isSlow) this.#typed = '';
    if (event.key.length === 1) {
      this.#typed += event.key;
      // A space in a burst would press the focused button.
      if (this.#typed.length > 1) event.preventDefault();
      return;
    }
    if (event.key !== 'Enter' || this.#typed.length < lengthMin) return;
    event.preventDefault();
    event.stopPropagation();
    const text = this.#typed;
    this.#typed = '';
    this.#onText(text);
  }
}

function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['radio', 'checkbox', 'range'].includes(target.type))
  );
}
