import { keep, kept } from './kept.ts';

const cameraKey = 'tongka-camera';

/** What phones know beyond the standard's types. */
type Extras = { torch?: boolean; zoom?: { min: number; max: number; step: number } };

export type Zoom = { min: number; max: number; step: number };
export type CameraTrouble = 'denied' | 'absent' | 'busy' | 'insecure';

export class CameraError extends Error {
  readonly trouble: CameraTrouble;

  constructor(trouble: CameraTrouble) {
    super(trouble);
    this.name = 'CameraError';
    this.trouble = trouble;
  }
}

/** One open camera. The one last chosen on this phone is opened again; without a choice the one that looks away. */
export class Camera {
  readonly stream: MediaStream;
  readonly hasTorch: boolean;
  readonly zoom: Zoom | null;
  readonly #track: MediaStreamTrack;

  private constructor(stream: MediaStream, track: MediaStreamTrack) {
    this.stream = stream;
    this.#track = track;
    // Firefox has no capabilities to ask for.
    const can = (track.getCapabilities?.() ?? {}) as Extras;
    this.hasTorch = can.torch === true;
    this.zoom = can.zoom !== undefined && can.zoom.max > can.zoom.min ? can.zoom : null;
  }

  static async open(): Promise<Camera> {
    // A browser hides the cameras from pages that did not come over https.
    if (!('mediaDevices' in navigator)) throw new CameraError('insecure');
    const chosen = kept(cameraKey);
    try {
      return await Camera.#open(chosen === null ? {} : { deviceId: { exact: chosen } });
    } catch (thrown) {
      if (chosen === null || !isGone(thrown)) throw asTrouble(thrown);
    }
    keep(cameraKey, null);
    return Camera.#open({}).catch((thrown: unknown) => {
      throw asTrouble(thrown);
    });
  }

  static async #open(which: MediaTrackConstraints): Promise<Camera> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: 'environment',
        width: { ideal: 1280 },
        height: { ideal: 720 },
        ...which,
      },
    });
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new CameraError('absent');
    return new Camera(stream, track);
  }

  /** Lets go of the light and the lens. */
  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }

  /** Calls back when the phone takes the camera away, for a call or another app. */
  onEnded(listener: () => void): void {
    this.#track.addEventListener('ended', listener, { once: true });
  }

  async setTorch(isOn: boolean): Promise<void> {
    await this.#apply({ torch: isOn });
  }

  async setZoom(zoom: number): Promise<void> {
    await this.#apply({ zoom });
  }

  /** The other cameras are known by name only after this one was allowed. */
  static async count(): Promise<number> {
    return (await cameras()).length;
  }

  /** Chooses the camera after this one, for the next time too. */
  async chooseNext(): Promise<void> {
    const all = await cameras();
    const here = all.findIndex(({ deviceId }) => deviceId === this.#track.getSettings().deviceId);
    const next = all[(here + 1) % all.length];
    if (next !== undefined) keep(cameraKey, next.deviceId);
  }

  async #apply(setting: { torch?: boolean; zoom?: number }): Promise<void> {
    await this.#track.applyConstraints({ advanced: [setting as MediaTrackConstraintSet] });
  }
}

async function cameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}

function isGone(thrown: unknown): boolean {
  const name = thrown instanceof DOMException ? thrown.name : '';
  return name === 'OverconstrainedError' || name === 'NotFoundError' || isOverconstrained(thrown);
}

/** Chrome's OverconstrainedError is no DOMException. */
function isOverconstrained(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'constraint' in thrown;
}

function asTrouble(thrown: unknown): CameraError {
  if (thrown instanceof CameraError) return thrown;
  const name = thrown instanceof DOMException ? thrown.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return new CameraError('denied');
  if (name === 'NotReadableError' || name === 'AbortError') return new CameraError('busy');
  return new CameraError('absent');
}
