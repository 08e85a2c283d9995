import type { affiliation, card, member } from '../schema/members.ts';
import { dayMs, midnight, minuteMs } from './calendar.ts';
import { inventName } from './names.ts';
import type { DemoMember } from './people.ts';
import { phoneOf, type SealedPhone } from './phones.ts';
import { type Random, scatter } from './random.ts';
import type { Union } from './unions.ts';

export type Card = { number: number; from: number; to: number };

/** What the invention of the past needs to know of a member. */
export type Member = {
  cell: number;
  id: number;
  employer: Union;
  ageYears: number;
  tags: readonly string[];
  /** The days of this affiliation; `until` is now for the open one. */
  since: number;
  until: number;
  cards: Card[];
  /** A person of the demo: nothing of this month is used up yet. */
  isNamed: boolean;
};

export type MemberRows = {
  members: (typeof member.$inferInsert)[];
  affiliations: (typeof affiliation.$inferInsert)[];
  cards: (typeof card.$inferInsert)[];
};

type CardStatus = 'live' | 'replaced' | 'lost';

const firstPhone = 10_000_000;
const idBits = 52;
const cardBits = 34;
const tagChances: [tag: string, chance: number][] = [
  ['亲子', 0.35],
  ['青工', 0.2],
  ['户外劳动者', 0.1],
  ['劳模', 0.02],
];
const leaveReasons = ['离职', '退休', '调离本市'];
const phoneLabels = ['iPhone', 'Android', 'HarmonyOS', 'iPad'];

export type MemberContext = {
  now: number;
  seed: number;
  random: Random;
  seal: (e164: string) => SealedPhone;
  enterprises: readonly Union[];
};

/** Counts the cards handed out, so that no number is given twice. */
export type CardSerial = { next: number };

/** Invents member number `serial` and appends its rows; a demo person keeps what is written of him. */
export function inventMember(
  { now, seed, random, seal, enterprises }: MemberContext,
  serial: number,
  person: DemoMember | undefined,
  cardSerial: CardSerial,
  rows: MemberRows,
): Member {
  const id = scatter(serial, idBits, seed);
  const cell = id % 64;
  const today = midnight(now);
  const daysAgo = person ? 500 : 5 + random.below(1200);
  const joined = today - daysAgo * dayMs + random.below(600) * minuteMs;
  const ageYears = person?.age ?? 20 + Math.floor((random.below(40) + random.below(40)) / 2);
  const birthday = 1 + random.below(364);
  const bornOn = new Date(now - (ageYears * 365.25 + birthday) * dayMs).toISOString().slice(0, 10);
  const tags = person?.tags ?? tagChances.flatMap(([tag, p]) => (random.chance(p) ? [tag] : []));
  const phone = seal(person?.phone ?? phoneOf(firstPhone + serial));
  const name = person?.name ?? inventName(random);
  const created = new Date(joined);
  rows.members.push({
    ...{ cell, id, name, bornOn, createdAt: created },
    phoneHash: phone.hash,
    phoneCipher: phone.cipher,
    tags: [...tags],
  });

  const affiliate = (union: Union, from: number, to: number | null, endReason: string | null) => {
    const endedAt = to === null ? null : new Date(to);
    const startedAt = new Date(from);
    rows.affiliations.push({
      cell,
      memberId: id,
      unionId: union.id,
      startedAt,
      endedAt,
      endReason,
    });
  };
  let since = joined;
  const employer = random.pick(enterprises);
  if (!person && daysAgo > 200 && random.chance(0.03)) {
    since = today - (30 + random.below(150)) * dayMs;
    const former = random.pick(enterprises);
    affiliate(former, joined, since, '调动');
  }
  const hasLeft = person ? person.hasLeft === true : daysAgo > 100 && random.chance(0.02);
  const until = hasLeft ? Math.max(since + dayMs, today - (1 + random.below(60)) * dayMs) : now;
  affiliate(employer, since, hasLeft ? until : null, hasLeft ? random.pick(leaveReasons) : null);

  const cards: Card[] = [];
  const putCard = (from: number, to: number, status: CardStatus) => {
    const number = cell * 2 ** cardBits + scatter(cardSerial.next, cardBits, seed);
    cardSerial.next += 1;
    const secret = Array.from({ length: 8 }, () => random.word().toString(16).padStart(8, '0'));
    rows.cards.push({
      ...{ cell, number, memberId: id, status },
      phoneHash: secret.join(''),
      phoneLabel: random.pick(phoneLabels),
      enrolledAt: new Date(from),
      endedAt: status === 'live' ? null : new Date(to),
    });
    cards.push({ number, from, to });
  };
  const enrolled = Math.min(until, joined + random.below(4) * dayMs);
  const fate = person ? person.card : random.chance(0.75) ? 'elsewhere' : 'none';
  if (fate === 'lost' || (fate === 'elsewhere' && !person && random.chance(0.01))) {
    putCard(enrolled, Math.max(enrolled, today - 3 * dayMs), 'lost');
  } else if (fate === 'elsewhere' && !person && random.chance(0.06)) {
    const changed = enrolled + Math.floor((today - enrolled) * 0.7);
    putCard(enrolled, changed, 'replaced');
    putCard(changed, now, 'live');
  } else if (fate === 'elsewhere') {
    putCard(enrolled, now, 'live');
  }
  return { cell, id, employer, ageYears, tags, since, until, cards, isNamed: person !== undefined };
}
