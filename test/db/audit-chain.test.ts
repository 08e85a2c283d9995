// Risk (I20): an entry of the audit is changed, taken out, put elsewhere or cut off by whoever can reach the tables, and
// nobody can tell; or honest entries break the chain because two transactions end in another order than they began.
import { beforeEach, expect, test, vi } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { buildCity, type City } from '../support/city.ts';

const database = await createDatabase();
const { sql } = database;

let city: City;
let chain: number;

beforeEach(async () => {
  city = await buildCity(sql);
  chain = city.unions.home;
});

const change = (union: number, subject: string, run: typeof sql = sql) => run`
  insert into audit_entry (at, user_id, union_id, action, subject, subject_id, reason, before, after)
  values (clock() - interval '1 hour', 'u', ${union}, 'benefit.change', 'benefit', ${subject}, '试', '{"cap": 1}', '{"cap": 2}')
  returning id`;

const link = async (most = 1000) => {
  const [row] = await sql<{ rows: number }[]>`select chain_link(${most}) as rows`;
  return row?.rows ?? 0;
};

// Every transaction of the server holds linking up, and other tests share it: some of theirs are long.
const patience = { timeout: 60_000, interval: 20 };
vi.setConfig({ testTimeout: 3 * patience.timeout });

const linkAll = async (wanted: number, most = 1000) => {
  let linked = 0;
  await expect.poll(async () => (linked += await link(most)), patience).toBe(wanted);
};

type Fault = { fault: string; seq: number | null };

const faults = (heads: unknown[] = []) => sql<Fault[]>`
  select fault, seq from chain_faults(${chain}, ${JSON.stringify(heads)}::text::jsonb)`;

const head = async (union = chain) => {
  const [row] = await sql<{ chainId: number; seq: number; hash: string }[]>`
    select chain_id as "chainId", seq, hash from chain_head(${union})`;
  return row;
};

/** What only the owner of the tables can do: their triggers are off, foreign keys among them. */
const attack = async (deed: (tx: typeof sql) => Promise<unknown>): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await deed(tx as unknown as typeof sql);
  });
};

const five = async (): Promise<void> => {
  for (const subject of ['1', '2', '3', '4', '5'])
    await change(city.unions.homeEnterprise, subject);
  await linkAll(5);
};

const entryAt = (seq: number) =>
  sql`(select entry_id from audit_link where chain_id = ${chain} and seq = ${seq})`;

test('each district has its own chain, the city one for what belongs to no district', async () => {
  const { root, home, host, homeEnterprise } = city.unions;
  await change(homeEnterprise, '1');
  await change(home, '2');
  await change(host, '3');
  await change(root, '4');
  await linkAll(4);
  expect(await link()).toBe(0);
  expect([
    (await head(homeEnterprise))?.seq,
    (await head(host))?.seq,
    (await head(root))?.seq,
  ]).toEqual([2, 1, 1]);
  expect(await faults()).toEqual([]);
});

test('a bounded run goes on where it stopped', async () => {
  for (const subject of ['1', '2', '3', '4', '5']) await change(chain, subject);
  await linkAll(5, 2);
  expect(await faults()).toEqual([]);
});

test('nothing is linked before what may still appear in front of it', async () => {
  await link();
  const gate = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const early = sql.begin(async (tx) => {
    await change(chain, 'early', tx as unknown as typeof sql);
    begun.resolve(undefined);
    await gate.promise;
  });
  await begun.promise;
  await change(chain, 'late');
  // The later one is there, and has to wait for the earlier one.
  expect(await link()).toBe(0);
  gate.resolve(undefined);
  await early;
  await linkAll(2);
  const order = await sql<{ subject: string }[]>`
    select e.subject_id as subject from audit_link l join audit_entry e on e.id = l.entry_id
    where l.chain_id = ${chain} order by l.seq`;
  expect(order.map((one) => one.subject)).toEqual(['early', 'late']);
  expect(await faults()).toEqual([]);
});

test('many link at once, and each entry stands once', async () => {
  for (let i = 0; i < 30; i += 1) await change(chain, String(i));
  const rows = await Promise.all(Array.from({ length: 8 }, () => link(7)));
  await linkAll(30 - rows.reduce((sum, one) => sum + one, 0), 7);
  expect((await head())?.seq).toBe(30);
  expect(await faults()).toEqual([]);
});

test('a copy on another server, whose transactions count from the beginning again, is linked', async () => {
  await change(chain, '1');
  await attack(async (tx) => {
    await tx`update audit_entry set txid = '9000000000' where union_id = ${chain}`;
    await tx`update audit_horizon set horizon = '9000000000'`;
  });
  await change(chain, '2');
  await linkAll(2);
  expect(await faults()).toEqual([]);
});

test.each([
  ['the reason', () => sql`reason = '别的'`],
  ['one digit after', () => sql`after = '{"cap": 3}'`],
  ['who did it', () => sql`user_id = 'v'`],
  ['who confirmed it', () => sql`confirmed_by = 'v'`],
  ['a microsecond', () => sql`at = at + interval '1 microsecond'`],
  ['a key’s place', () => sql`before = null`],
])('an edit of %s shows at its entry', async (_what, to) => {
  await five();
  await attack((tx) => tx`update audit_entry set ${to()} where id = ${entryAt(3)}`);
  expect(await faults()).toEqual([{ fault: 'edited', seq: 3 }]);
});

test('an entry taken out leaves its link, with its link a gap', async () => {
  await five();
  await attack((tx) => tx`delete from audit_entry where id = ${entryAt(2)}`);
  expect(await faults()).toEqual([{ fault: 'lost', seq: 2 }]);
  await attack((tx) => tx`delete from audit_link where chain_id = ${chain} and seq = 2`);
  expect(await faults()).toEqual([{ fault: 'gap', seq: 3 }]);
  // Closing the ranks does not help: the next link was made over the one that is gone.
  await attack(async (tx) => {
    for (const seq of [3, 4, 5])
      await tx`update audit_link set seq = ${seq - 1} where chain_id = ${chain} and seq = ${seq}`;
  });
  expect(await faults()).toEqual([{ fault: 'edited', seq: 2 }]);
});

test('two entries that change places show at both and after them', async () => {
  await five();
  await attack(async (tx) => {
    const rows = await tx<{ seq: number; entry: number }[]>`
      select seq, entry_id as entry from audit_link where chain_id = ${chain} and seq in (2, 3) order by seq`;
    const [two, three] = rows.map((one) => one.entry);
    await tx`update audit_link set entry_id = 0 where chain_id = ${chain} and seq = 2`;
    await tx`update audit_link set entry_id = ${two ?? 0} where chain_id = ${chain} and seq = 3`;
    await tx`update audit_link set entry_id = ${three ?? 0} where chain_id = ${chain} and seq = 2`;
  });
  expect(await faults()).toEqual([
    { fault: 'edited', seq: 2 },
    { fault: 'edited', seq: 3 },
  ]);
});

test('a tail that was cut, or written anew, shows against a head that others keep', async () => {
  await five();
  const kept = await head();
  await attack(async (tx) => {
    await tx`delete from audit_entry where id in (select entry_id from audit_link where chain_id = ${chain} and seq > 3)`;
    await tx`delete from audit_link where chain_id = ${chain} and seq > 3`;
  });
  // By itself the chain is sound: that is what heads are kept for.
  expect(await faults()).toEqual([]);
  expect(await faults([kept])).toEqual([{ fault: 'cut', seq: 5 }]);
  await change(chain, '4');
  await change(chain, '5');
  await linkAll(2);
  expect(await faults()).toEqual([]);
  expect(await faults([kept])).toEqual([{ fault: 'altered', seq: 5 }]);
});

test('an entry that nobody linked shows when it is old, and one moved to another district', async () => {
  await five();
  const { host } = city.unions;
  await change(chain, '6');
  await expect.poll(() => faults(), patience).toEqual([{ fault: 'unlinked', seq: null }]);
  await linkAll(1);
  await attack((tx) => tx`update audit_entry set union_id = ${host} where id = ${entryAt(6)}`);
  expect(await faults()).toEqual([{ fault: 'edited', seq: 6 }]);
});

test('links only grow', async () => {
  await five();
  await expect(
    sql`update audit_link set hash = repeat('0', 64) where chain_id = ${chain}`,
  ).rejects.toThrow(/insert-only/);
  await expect(sql`delete from audit_link where chain_id = ${chain}`).rejects.toThrow(
    /insert-only/,
  );
});
