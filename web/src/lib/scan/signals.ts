export type Signal = 'read' | 'accepted' | 'refused' | 'attention';

type Tone = { hertz: number; at: number; seconds: number };

// Rising is good, falling and rough is not: to be told apart without looking.
const tunes: Record<Signal, { wave: OscillatorType; tones: Tone[]; vibration: number[] }> = {
  read: { wave: 'sine', tones: [{ hertz: 1400, at: 0, seconds: 0.06 }], vibration: [20] },
  accepted: {
    wave: 'sine',
    tones: [
      { hertz: 880, at: 0, seconds: 0.12 },
      { hertz: 1320, at: 0.13, seconds: 0.2 },
    ],
    vibration: [80],
  },
  attention: {
    wave: 'triangle',
    tones: [
      { hertz: 660, at: 0, seconds: 0.12 },
      { hertz: 660, at: 0.18, seconds: 0.12 },
    ],
    vibration: [60, 60, 60],
  },
  refused: {
    wave: 'sawtooth',
    tones: [
      { hertz: 300, at: 0, seconds: 0.2 },
      { hertz: 200, at: 0.22, seconds: 0.35 },
    ],
    vibration: [250, 80, 250],
  },
};

let context: AudioContext | undefined;

/** Call on a touch or a key: browsers keep silent until the person has done something. */
export function allowSound(): void {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume();
}

/** Says an outcome to the ear and to the hand. */
export function signal(which: Signal): void {
  const { wave, tones, vibration } = tunes[which];
  navigator.vibrate?.(vibration);
  if (context?.state !== 'running') return;
  for (const { hertz, at, seconds } of tones) {
    const start = context.currentTime + at;
    const oscillator = new OscillatorNode(context, { type: wave, frequency: hertz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.3, start + 0.01);
    volume.gain.linearRampToValueAtTime(0, start + seconds);
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + seconds);
  }
}
