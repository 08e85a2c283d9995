import { Camera, CameraError, type CameraTrouble } from './camera.ts';
import { Decoder } from './decoder.ts';
import { Repeats } from './repeats.ts';

const pauseMilliseconds = 60;
const frameSideMax = 1280;

type State = 'closed' | 'opening' | 'looking' | CameraTrouble;

/** The camera of the counter: opens it, looks at its pictures, and says each new text once. */
export class Scanner {
  #state = $state<State>('closed');
  #camera = $state.raw<Camera | null>(null);
  #isTorchOn = $state(false);
  #zoom = $state(1);
  #cameraCount = $state(0);
  #decoder: Decoder | null = null;
  #repeats = new Repeats();
  #isPaused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #video: HTMLVideoElement | null = null;
  // A camera may still be opening when the screen is left; its answer then belongs to nobody.
  #turn = 0;
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  get state(): State {
    return this.#state;
  }
  get hasTorch(): boolean {
    return this.#camera?.hasTorch === true;
  }
  get isTorchOn(): boolean {
    return this.#isTorchOn;
  }
  get zoomRange() {
    return this.#camera?.zoom ?? null;
  }
  get zoom(): number {
    return this.#zoom;
  }
  get canSwitch(): boolean {
    return this.#cameraCount > 1;
  }

  async open(video: HTMLVideoElement): Promise<void> {
    const turn = ++this.#turn;
    this.#video = video;
    this.#state = 'opening';
    this.#decoder ??= new Decoder();
    try {
      const camera = await Camera.open();
      if (turn !== this.#turn) return camera.close();
      this.#camera = camera;
      this.#zoom = camera.zoom?.min ?? 1;
      this.#isTorchOn = false;
      camera.onEnded(() => this.#lose(turn, 'busy'));
      video.srcObject = camera.stream;
      await video.play();
      this.#cameraCount = await Camera.count();
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.#lose(turn, thrown instanceof CameraError ? thrown.trouble : 'absent');
      return;
    }
    if (turn !== this.#turn) return;
    this.#state = 'looking';
    this.#lookSoon();
  }

  close(): void {
    this.#release();
    this.#decoder?.close();
    this.#decoder = null;
    this.#state = 'closed';
  }

  async reopen(): Promise<void> {
    const video = this.#video;
    this.#release();
    if (video !== null) await this.open(video);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#repeats.restart(Date.now());
    this.#lookSoon();
  }

  async setTorch(isOn: boolean): Promise<void> {
    await this.#camera?.setTorch(isOn);
    this.#isTorchOn = isOn;
  }

  async setZoom(zoom: number): Promise<void> {
    this.#zoom = zoom;
    await this.#camera?.setZoom(zoom);
  }

  async switchCamera(): Promise<void> {
    await this.#camera?.chooseNext();
    await this.reopen();
  }

  /** A picture that somebody took before; null when there is no code in it. */
  async readPhoto(photo: Blob): Promise<string | null> {
    this.#decoder ??= new Decoder();
    const whole = await createImageBitmap(photo);
    const { width, height } = whole;
    const text = await this.#decoder.read(whole);
    if (text !== null || Math.max(width, height) <= frameSideMax) return text;
    // Coarse pictures of a large code are sometimes only read when made smaller.
    const smaller = await createImageBitmap(photo, shrunk(width, height));
    return this.#decoder.read(smaller);
  }

  #release(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#camera?.close();
    this.#camera = null;
    if (this.#video !== null) this.#video.srcObject = null;
  }

  #lose(turn: number, trouble: CameraTrouble): void {
    if (turn !== this.#turn) return;
    this.#release();
    this.#state = trouble;
  }

  #lookSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), pauseMilliseconds);
  }

  async #look(): Promise<void> {
    const turn = this.#turn;
    const video = this.#video;
    if (video === null || this.#decoder === null || this.#isPaused) return;
    if (video.videoWidth > 0 && document.visibilityState === 'visible') {
      const text = await this.#read(video, this.#decoder).catch(() => null);
      if (turn !== this.#turn || this.#isPaused) return;
      if (text !== null && this.#repeats.isNews(text, Date.now())) this.#onText(text);
    }
    if (turn === this.#turn) this.#lookSoon();
  }

  async #read(video: HTMLVideoElement, decoder: Decoder): Promise<string | null> {
    const picture = await createImageBitmap(video, shrunk(video.videoWidth, video.videoHeight));
    return decoder.read(picture);
  }
}

/** How large to make a picture: enough to read by, no more. */
function shrunk(width: number, height: number): ImageBitmapOptions {
  const scale = Math.min(1, frameSideMax / Math.max(width, height));
  return {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: 'low',
  };
}
