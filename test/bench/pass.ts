import QRCode from 'qrcode';
import { toContent, fromContent } from '../../api/passes/content.ts';
import { checkJws, signingInput, toJws } from '../../api/passes/jws.ts';
import type { Claims } from '../../api/passes/pack.ts';
import { sign } from '../../api/passes/signature.ts';
import { figure } from './figure.ts';
import { passWays } from './pass-ways.ts';

const seconds = 3;
const atOnce = 16;
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const hosts = ['card.union.cn', 'card.tongka-beijing.city'] as const;
const claims: Claims = { kid: 1, card: 2 ** 40 - 7, jti: 2 ** 39 + 5, exp: 1_800_000_000 };

/** How big a pass is in a QR, and how many a second are made and checked, from claims to QR content and back. */
export async function pass(): Promise<void> {
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  for (const host of hosts) {
    const origin = `https://${host}`;
    const signature = await sign(pair.privateKey, signingInput(origin, claims));
    const content = toContent(origin, { ...claims, signature });
    const { version } = QRCode.create(content, { errorCorrectionLevel: 'M' });
    figure(`pass-qr-version-host-of-${host.length}`, version, 'version', { atMost: 7 });
  }
  const origin = `https://${hosts[1]}`;
  const make = async () => {
    const signature = await sign(pair.privateKey, signingInput(origin, claims));
    return toContent(origin, { ...claims, signature });
  };
  const content = await make();
  const check = async () => {
    const { signature, ...said } = fromContent(origin, content);
    const jws = toJws(origin, said, signature);
    const verified = await checkJws(jws, origin, () => Promise.resolve(pair.publicKey));
    if (verified === null) throw new Error('An honest pass was refused.');
  };
  figure('pass-sign', await perSecond(make), 'passes/s');
  figure('pass-verify', await perSecond(check), 'passes/s');
  await passWays(pair, origin, claims);
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 200; i += 1) await work();
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const walk = async (): Promise<void> => {
    while (performance.now() < end) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, walk));
  return (done / (performance.now() - start)) * 1000;
}
