import { performance } from 'node:perf_hooks';
import { compactVerify } from 'jose';
import { signingInput, toJws } from '../../api/passes/jws.ts';
import type { Claims } from '../../api/passes/pack.ts';
import { sign } from '../../api/passes/signature.ts';
import { figure, median } from './figure.ts';
import { prepareKey, verifySync, Verifiers } from './verifying.ts';

const rounds = 3;
const roundSeconds = 0.7;
const atOnce = 16;
const algorithm = { name: 'ECDSA', hash: 'SHA-256' };

type Way = () => boolean | Promise<boolean>;
type Found = { perSecond: number; p50: number; ownMicroseconds: number };

/**
 * The ways to check a pass's signature: how many a second with 16 at once, how long one takes, and for how long it keeps
 * the one thread that serves everybody.
 */
export async function passWays(pair: CryptoKeyPair, origin: string, claims: Claims): Promise<void> {
  const jws = toJws(origin, claims, await sign(pair.privateKey, signingInput(origin, claims)));
  const spki = await crypto.subtle.exportKey('spki', pair.publicKey);
  const [said, signature] = [
    jws.slice(0, jws.lastIndexOf('.')),
    jws.slice(jws.lastIndexOf('.') + 1),
  ];
  const key = prepareKey(spki);
  const [one, two] = [new Verifiers(spki, 1), new Verifiers(spki, 2)];
  const ways: Record<string, Way> = {
    jose: async () => {
      await compactVerify(jws, pair.publicKey, { algorithms: ['ES256'] });
      return true;
    },
    webcrypto: () =>
      crypto.subtle.verify(
        algorithm,
        pair.publicKey,
        Buffer.from(signature, 'base64url'),
        new TextEncoder().encode(said),
      ),
    synchronous: () => verifySync(key, jws),
    'one-thread': () => one.verify(jws),
    'two-threads': () => two.verify(jws),
  };
  const found = new Map<string, Found[]>();
  try {
    for (let round = 0; round <= rounds; round += 1)
      for (const [name, way] of Object.entries(ways)) {
        const measured = await measure(way);
        if (round > 0) found.set(name, [...(found.get(name) ?? []), measured]);
      }
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
  for (const [name, all] of found) {
    figure(`pass-by-${name}`, median(all.map(({ perSecond }) => perSecond)), 'passes/s');
    figure(`pass-by-${name}-p50`, median(all.map(({ p50 }) => p50)), 'ms');
    const own = median(all.map(({ ownMicroseconds }) => ownMicroseconds));
    figure(`pass-by-${name}-main-thread`, own, 'µs');
  }
}

async function measure(way: Way): Promise<Found> {
  const milliseconds: number[] = [];
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  const end = start + roundSeconds * 1000;
  const walk = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      if (!(await way())) throw new Error('An honest pass was refused.');
      const done = performance.now();
      milliseconds.push(done - now);
      now = done;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, walk));
  const seconds = (performance.now() - start) / 1000;
  const { active } = performance.eventLoopUtilization(before);
  return {
    perSecond: milliseconds.length / seconds,
    p50: median(milliseconds),
    ownMicroseconds: (active * 1000) / milliseconds.length,
  };
}
