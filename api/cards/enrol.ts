import type { Transaction } from '../../db/client.ts';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { refuseMember } from '../members/me.ts';
import {
  endCard,
  insertCard,
  isBlocked,
  lockMember,
  type MemberKey,
  readLatestCard,
} from './queries.ts';

export type Enrolment = { phoneHash: string; phoneLabel: string; takeover: boolean };

/**
 * Puts the card on the phone that asks. A card on another phone stays there unless `takeover` is said; then it ends as
 * replaced and a new number begins. A blocked card blocks its member until the union lifts it. A session that was there
 * when a card was lost never counts again, wherever the card is now: whoever holds the lost phone is signed in on it.
 */
export async function enrol(
  c: Ctx,
  { phoneHash, phoneLabel, takeover }: Enrolment,
): Promise<{ enrolledAt: Date; isNew: boolean }> {
  const actor = signedIn(c);
  const done = await c.env.sql.begin(async (tx) => {
    const member = await lockMember(tx, c.env.sql, actor);
    if (!member) return null;
    if (await isBlocked(tx, member)) throw new Problem('card_blocked');
    const latest = await readLatestCard(tx, member);
    if (latest?.lostAt && new Date(actor.sessionAt) <= latest.lostAt)
      throw new Problem('session_revoked');
    if (latest?.status === 'live') {
      if (latest.phoneHash === phoneHash) return { enrolledAt: latest.enrolledAt, isNew: false };
      if (!takeover)
        throw new Problem('card_on_another_phone', {
          enrolledAt: latest.enrolledAt,
          phoneLabel: latest.phoneLabel,
        });
      await endCard(tx, member, latest.number, 'replaced');
    }
    return { enrolledAt: await makeCard(tx, member, { phoneHash, phoneLabel }), isNew: true };
  });
  return done ?? refuseMember(c, actor);
}

async function makeCard(
  tx: Transaction,
  member: MemberKey,
  phone: { phoneHash: string; phoneLabel: string },
): Promise<Date> {
  for (;;) {
    const enrolledAt = await insertCard(tx, member, { number: drawNumber(member.cell), ...phone });
    if (enrolledAt) return enrolledAt;
  }
}

/** 40 bits: the cell, then 34 random ones. */
function drawNumber(cell: number): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return cell * 2 ** 34 + (high % 4) * 2 ** 32 + low;
}
