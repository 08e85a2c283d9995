import type { Services } from '../context.ts';
import { toContent } from './content.ts';
import { currentSigner } from './current-signer.ts';
import { signingInput } from './jws.ts';
import { jtiOf, toShortCode } from './short-code.ts';
import { sign } from './signature.ts';
import { bookletMinutes, expiryOf, minuteOf, passSeconds } from './times.ts';

export type BookletPass = { from: string; expiresAt: string; url: string; code: string };

/** The passes of a card for the minute that runs and those that follow it, each in both of its forms. */
export async function makeBooklet(
  services: Services,
  card: number,
  now: Date,
): Promise<BookletPass[]> {
  const first = minuteOf(now.getTime() / 1000);
  await currentSigner(services, first);
  const minutes = Array.from({ length: bookletMinutes }, (_, i) => first + i);
  return Promise.all(minutes.map((minute) => makePass(services, card, minute)));
}

async function makePass(
  { sql, keys, config }: Services,
  card: number,
  minute: number,
): Promise<BookletPass> {
  const signer = await keys.signer(sql, minute);
  if (signer === null) throw new Error(`No key signs in minute ${minute}.`);
  const { shortCodes } = await keys.derived();
  const jti = await jtiOf(shortCodes, card, minute);
  const claims = { kid: signer.kid, card, jti, exp: expiryOf(minute) };
  const signature = await sign(signer.key, signingInput(config.origin, claims));
  return {
    from: new Date(minute * passSeconds * 1000).toISOString(),
    expiresAt: new Date(claims.exp * 1000).toISOString(),
    url: toContent(config.origin, { ...claims, signature }),
    code: toShortCode(card, jti),
  };
}
