import type { Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { openId } from '../members/personal-data.ts';
import { currentSigner } from '../passes/current-signer.ts';
import { read40, type Claims } from '../passes/pack.ts';
import { minuteOf, passSeconds } from '../passes/times.ts';
import { giveBackGuess, takeGuess } from './queries.ts';

/** A pass with an id of its own that stands for one showing of a printed card: from there on it is like any other. */
export async function passFor(services: Services, card: number): Promise<Claims> {
  const now = Math.floor(await services.keys.now(services.sql));
  const { kid } = await currentSigner(services, minuteOf(now));
  const jti = read40(crypto.getRandomValues(new Uint8Array(5)), 0);
  return { kid, card, jti, exp: now + passSeconds };
}

/**
 * Refuses a printed card that is out of date, or whose bearer's ID card does not end as the member's does. Wrong ones are
 * counted a card, over all nodes: whoever copied the code has five guesses an hour.
 */
export async function checkHolder(
  { sql, config }: Services,
  { card, exp }: { card: number; exp: number },
  scannedAt: string,
  idLastFour: string | undefined,
): Promise<void> {
  if (Date.parse(scannedAt) >= exp * 1000) throw new Problem('printed_card_expired');
  if (idLastFour === undefined) throw new Problem('id_check_required');
  const { cipher, wait } = await takeGuess(sql, card);
  if (wait > 0) throw new Problem('too_many_attempts', {}, { 'Retry-After': String(wait) });
  const number = cipher === null ? null : await openId(config.secret, cipher);
  if (number?.endsWith(idLastFour) !== true) throw new Problem('id_check_failed');
  await giveBackGuess(sql, card);
}
