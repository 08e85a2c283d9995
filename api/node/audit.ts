import { orm, type Orm } from '../../db/client.ts';
import { StartError } from '../../db/start-error.ts';
import { type DayFault, verifyDays, verifyMonths } from '../audit/books.ts';
import { type Fault, type Head, verifyChain } from '../audit/verification.ts';
import { readOptions } from './options.ts';
import { print } from './step.ts';
import { withDatabase } from './with-database.ts';

const usage = `npm run audit verify [-- --union "a union's name, id or district code"] [--head CHAIN:SEQ:HASH]
                     --head: a head that somebody kept, as this command and the statements print it`;

const words: Record<Fault['fault'], (fault: Fault) => string> = {
  edited: ({ entryId }) => `entry ${entryId} is not what was linked here`,
  lost: ({ entryId }) => `entry ${entryId} is gone`,
  gap: () => 'the link before this one is gone',
  unlinked: ({ entryId }) => `entry ${entryId} is old and in no chain`,
  foreign: ({ entryId }) => `entry ${entryId} belongs to another chain`,
  cut: () => 'this link is gone, though its head was kept',
  altered: () => 'this link is another one than the head that was kept',
};

const dayWords: Record<DayFault['fault'], (fault: DayFault) => string> = {
  resealed: ({ union, entryId }) =>
    `what is booked at the outlets of ${union} is not what entry ${entryId} sealed`,
  unsealed: ({ union }) => `what is booked at the outlets of ${union} was never sealed`,
  claims_resealed: ({ union, entryId }) =>
    `what changed of the claims of ${union} is not what entry ${entryId} sealed`,
  claims_unsealed: ({ union }) => `what changed of the claims of ${union} was never sealed`,
};

/**
 * `npm run audit verify`: recomputes the chains of the audit, the days of redemptions and claims that they seal and the closed months;
 * fails, and says where, when one does not fit.
 */
export async function audit([verb, ...args]: string[]): Promise<void> {
  const { union, head } = readOptions(args, ['union', 'head'], usage);
  if (verb !== 'verify') throw new StartError(usage);
  const heads = head === undefined ? [] : [readHead(head)];
  const faults = await withDatabase(async ({ sql }) => {
    const chains = await sql<{ id: number; name: string }[]>`
      select distinct on (t.level, t.id) t.id, t.name_zh as name
      from trade_union u join trade_union t on t.id = coalesce(u.district_id, u.path[1])
      where ${union ?? null}::text is null
        or ${union ?? null}::text in (u.id::text, u.name_zh, u.name_en, u.district_code::text)
      order by t.level, t.id`;
    if (chains.length === 0) throw new StartError(`There is no union "${union ?? ''}".`);
    let count = 0;
    for (const { id, name } of chains) {
      const own = heads.filter((one) => one.chainId === id);
      const found = await verifyChain(orm(sql), id, own);
      const at = found.head
        ? `${found.head.chainId}:${found.head.seq}:${found.head.hash}`
        : 'empty';
      print(`${found.faults.length > 0 ? '✗' : '✓'} ${name}  ${at}`);
      if (found.waiting > 0) print(`    ${found.waiting} entries wait to be linked`);
      for (const fault of found.faults)
        print(`    at ${fault.seq ?? 'no place'}: ${words[fault.fault](fault)}`);
      count += found.faults.length;
    }
    count += await tell(
      'days of redemptions and claims',
      days(orm(sql), union ? chains[0]?.id : undefined),
    );
    // The statements are of the whole city.
    if (union === undefined) count += await tell('closed months', months(orm(sql)));
    return count;
  });
  if (faults > 0) throw new StartError('The audit is not what it was.');
}

type Checked = AsyncGenerator<{ at: string; lines: string[] }>;

async function* days(db: Orm, chainId?: number): Checked {
  for await (const { day, faults } of verifyDays(db, chainId ?? null))
    yield { at: day, lines: faults.map((one) => dayWords[one.fault](one)) };
}

async function* months(db: Orm): Checked {
  for await (const { month, faults } of verifyMonths(db))
    yield {
      at: month.slice(0, 7),
      lines: faults.map(({ finding, subject }) => `${finding}: ${subject}`),
    };
}

/** Prints what is wrong as it is found, then how many were looked at; answers how many faults there are. */
async function tell(what: string, checked: Checked): Promise<number> {
  const looked: string[] = [];
  let count = 0;
  for await (const { at, lines } of checked) {
    looked.push(at);
    count += lines.length;
    for (const line of lines) print(`    ${at}: ${line}`);
  }
  const span = looked.length === 0 ? '' : `  ${looked[0]} to ${looked.at(-1)}`;
  print(`${count > 0 ? '✗' : '✓'} ${looked.length} ${what}${span}`);
  return count;
}

function readHead(written: string): Head {
  const [, chainId, seq, hash] = /^(\d{1,9}):(\d{1,15}):([0-9a-f]{64})$/.exec(written) ?? [];
  if (hash === undefined) throw new StartError(usage);
  return { chainId: Number(chainId), seq: Number(seq), hash };
}
