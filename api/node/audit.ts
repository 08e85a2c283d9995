import { orm } from '../../db/client.ts';
import { StartError } from '../../db/start-error.ts';
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

/** `npm run audit verify`: recomputes the chains of the audit; fails, and says where, when one does not fit. */
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
    return count;
  });
  if (faults > 0) throw new StartError('The audit is not what it was.');
}

function readHead(written: string): Head {
  const [, chainId, seq, hash] = /^(\d{1,9}):(\d{1,15}):([0-9a-f]{64})$/.exec(written) ?? [];
  if (hash === undefined) throw new StartError(usage);
  return { chainId: Number(chainId), seq: Number(seq), hash };
}
