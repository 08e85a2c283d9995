import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { refuseMember } from '../members/me.ts';
import { type BookletPass, makeBooklet } from '../passes/booklet.ts';
import { type Holder, readHolder } from './queries.ts';

export type ShownCard = {
  serverTime: Date;
  holder: Pick<Holder, 'name' | 'unionZh' | 'unionEn' | 'districtZh' | 'districtEn'>;
  passes: BookletPass[];
};

/** The booklet for the phone that asks, if its card is the member's live one; else why it stopped. */
export async function show(c: Ctx, phoneHash: string | null): Promise<ShownCard> {
  const actor = signedIn(c);
  const found = await readHolder(c.env.sql, actor, phoneHash);
  if (!found) return refuseMember(c, actor);
  const { now, number, status, endedAt, livePhoneLabel, ...holder } = found;
  if (number === null || status === null) throw new Problem('card_not_enrolled');
  if (status === 'replaced')
    throw new Problem('card_replaced', { at: endedAt, phoneLabel: livePhoneLabel });
  if (status !== 'live') throw new Problem(`card_${status}`, { at: endedAt });
  return { serverTime: now, holder, passes: await makeBooklet(c.env, number, now) };
}
