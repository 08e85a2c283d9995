// Risk: at the door, where two people hold two scanners, a place is given twice, a use counted twice, or a claim left in
// two states. Every race is run with its guard and without it.
import { describe, expect, test } from 'vitest';
import type { Sql, Transaction } from '../../db/client.ts';
import { buildCity, type City, idIn, type Member } from '../support/city.ts';
import { claimOne, say, stateOf } from '../support/claim.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { without } from '../support/vary.ts';

type Place = { sql: Sql; city: City; crowd: Sql; officer: string };

async function place(): Promise<Place> {
  const database = await createDatabase();
  const city = await buildCity(database.sql);
  return {
    sql: database.sql,
    city,
    crowd: database.connect({ max: 32, settings: { deadlock_timeout: '50ms' } }),
    officer: (await city.addOfficer(city.unions.root)).userId,
  };
}

const sound = await place();
staysConsistent(sound.sql);
/** Where guards and constraints are taken out. */
const unguarded = await place();
await unguarded.sql`alter table session drop constraint session_taken`;
await unguarded.sql`alter table allocation drop constraint allocation_used`;

const soon = () => new Date(Date.now() + 600_000).toISOString();

async function gathering({ city }: Place, cap: number): Promise<{ benefit: number; id: number }> {
  const benefit = await city.addBenefit({ price: 0, limit: [4, 'month'], quantityMax: 4 });
  await city.letClaim(benefit, { walkIns: true });
  return { benefit, id: await city.addSession(benefit, { cap, startsAt: soon() }) };
}

const told = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : `${thrown}`);

function counted(words: readonly string[]): Record<string, number> {
  const byWord = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...byWord].map(([word, all]) => [word, all.length]));
}

/** What admit_walk_in() is sent for a member who shows his card now. */
const walkIn = ({ city, officer }: Place, member: Member, session: number, id: string) => ({
  ...city.item(member, 0),
  id,
  session,
  scannedAt: new Date().toISOString(),
  validUntil: new Date(Date.now() + 300_000).toISOString(),
  user: officer,
  sessionAt: new Date().toISOString(),
  secondFactorAt: new Date().toISOString(),
});

async function admit(
  where: Place,
  member: Member,
  session: number,
  id = idIn(member.cell),
): Promise<string> {
  try {
    const asked = walkIn(where, member, session, id);
    const [row] = await where.crowd<{ said: { outcome: string } }[]>`
      select admit_walk_in(${where.crowd.json(asked)}) as said`;
    return row?.said.outcome ?? '';
  } catch (thrown) {
    return told(thrown);
  }
}

describe('the last seats at the door', () => {
  /** Each has read that there is room when the first is written. */
  const contend = async (where: Place) => {
    const { id } = await gathering(where, 3);
    const members = await Promise.all(Array.from({ length: 12 }, () => where.city.addMember()));
    const outcomes = await race(
      where.sql,
      12,
      (tx: Transaction) => tx`lock table claim in share mode`,
      () => members.map((member) => admit(where, member, id)),
    );
    return counted(outcomes);
  };

  test('go to exactly as many', async () => {
    expect(await contend(sound)).toEqual({ made: 3, session_full: 9 });
  });

  test('go to more without the lock of the places', async () => {
    const outcomes = await without(
      unguarded.sql,
      'admit_walk_in',
      [['perform lock_places(b.id, array[s.id]);', '']],
      () => contend(unguarded),
    );
    expect(outcomes['made']).toBeGreaterThan(3);
  });
});

describe('one member who is let in at two doors at once', () => {
  const contend = async (where: Place) => {
    const { city, sql } = where;
    const benefit = await city.addBenefit({ price: 0, limit: [1, 'month'] });
    await city.letClaim(benefit, { walkIns: true });
    const sessions = await Promise.all(
      [0, 1].map(() => city.addSession(benefit, { startsAt: soon() })),
    );
    const member = await city.addMember();
    return counted(
      await race(
        sql,
        8,
        (tx: Transaction) => tx`lock table claim in share mode`,
        () => Array.from({ length: 8 }, (_, i) => admit(where, member, sessions[i % 2] ?? 0)),
      ),
    );
  };

  test('stays within his limit', async () => {
    expect(await contend(sound)).toEqual({ made: 1, limit_reached: 7 });
  });

  test('breaks it without the member’s lock', async () => {
    const outcomes = await without(
      unguarded.sql,
      'admit_walk_in',
      [
        ['  for no key update;\n', ';\n'],
        ['perform lock_places(b.id, array[s.id]);', ''],
      ],
      () => contend(unguarded),
    );
    expect(outcomes['made']).toBeGreaterThan(1);
  });
});

describe('one claim', () => {
  const attendIn = ({ crowd, officer }: Place, id: string) =>
    crowd<
      { said: { outcome: string } }[]
    >`select attend_claim(${id}, ${officer}, null) as said`.then(
      ([row]) => row?.said.outcome ?? '',
      told,
    );

  const contend = async (where: Place) => {
    const { sql, city } = where;
    const { benefit, id } = await gathering(where, 10);
    const member = await city.addMember();
    const item = { ...city.claimItem(member, benefit, id), quantity: 2 };
    await claimOne(sql, item);
    const outcomes = await race(
      sql,
      6,
      (tx: Transaction) => tx`lock table claim in share mode`,
      () => Array.from({ length: 6 }, () => attendIn(where, item.id)),
    );
    const [row] = await sql<{ used: number }[]>`
      select a.used from allocation a where a.benefit_id = ${benefit}`;
    return { outcomes: counted(outcomes), used: row?.used };
  };

  test('is attended once by six scanners, and counted once', async () => {
    expect(await contend(sound)).toEqual({ outcomes: { attended: 1, replayed: 5 }, used: 2 });
  });

  test('is counted again and again without its locks', async () => {
    const { used } = await without(
      unguarded.sql,
      'lock_claim',
      [
        [
          'perform from member m where m.cell = c.cell and m.id = c.member_id for no key update;',
          '',
        ],
        ['perform lock_places(c.benefit_id, array[c.session_id]);', ''],
        ['l.id = p_id for update;', 'l.id = p_id;'],
      ],
      () => contend(unguarded),
    );
    expect(used).toBeGreaterThan(2);
  });

  test('is ticked, taken back and cancelled at once and ends in one state', async () => {
    for (let round = 0; round < 5; round++) {
      const { sql, city, crowd, officer } = sound;
      const { benefit, id } = await gathering(sound, 10);
      const member = await city.addMember();
      const item = city.claimItem(member, benefit, id);
      await claimOne(sql, item);
      const [ticked, back, cancelled] = await race(
        sql,
        3,
        (tx) => tx`select from member where cell = ${member.cell} and id = ${member.id} for update`,
        () => [
          attendIn(sound, item.id),
          crowd<{ said: { outcome: string } }[]>`
            select unattend_claim(${item.id}, ${officer}, null) as said`.then(
            ([row]) => row?.said.outcome ?? '',
          ),
          say(crowd, 'cancel_claim', item.id, member).then(({ outcome }) => outcome),
        ],
      );
      const state = await stateOf(sql, item.id);
      expect(['absent', 'replayed', 'claim_ended']).toContain(back);
      // Cancelling is the member’s right while he is not in; afterwards there is nothing to cancel.
      if (cancelled === 'cancelled') expect(state).toBe('cancelled');
      else {
        expect([ticked, cancelled]).toEqual(['attended', 'claim_used']);
        expect(state).toBe(back === 'absent' ? 'confirmed' : 'used');
      }
    }
  });
});
