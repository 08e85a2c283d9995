import { sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { holding } from '../unions/office.ts';

/** What chain_faults() calls them. */
export const faultKinds = [
  'edited',
  'lost',
  'gap',
  'unlinked',
  'foreign',
  'cut',
  'altered',
] as const;

export type Fault = {
  fault: (typeof faultKinds)[number];
  chainId: number;
  seq: number | null;
  entryId: number | null;
};

/** The last link of a chain as it was at some time, kept where nobody can change it together with the chain. */
export type Head = { chainId: number; seq: number; hash: string };

export type Verification = {
  /** The chain's last link; null while it is empty. */
  head: Head | null;
  /** Entries that wait to be linked. */
  waiting: number;
  /** How many heads that statements keep were compared. */
  headsKept: number;
  /** At most 100, in the chain's order. */
  faults: Fault[];
};

/** Recomputes a union's chain (its district's, or the city's) and compares it with what the statements keep of it. */
export async function verifyChain(
  db: Orm,
  union: number,
  heads: readonly Head[] = [],
): Promise<Verification> {
  const [found] = await db.execute<Verification>(sql`
    with kept as materialized (
      select k.* from kept_heads() k join trade_union u on u.id = ${union}
      where k.chain_id = coalesce(u.district_id, u.path[1])
      union
      select h."chainId", h.seq, h.hash
      from jsonb_to_recordset(${JSON.stringify(heads)}::jsonb) as h ("chainId" int, seq bigint, hash text))
    select
      (select jsonb_build_object('chainId', h.chain_id, 'seq', h.seq, 'hash', h.hash)
        from chain_head(${union}) h) as head,
      (select count(*)::int from audit_entry e
          join trade_union u on u.id = e.union_id
          join trade_union own on own.id = ${union}
            and coalesce(own.district_id, own.path[1]) = coalesce(u.district_id, u.path[1])
        where not exists (select from audit_link l where l.entry_id = e.id)) as waiting,
      (select count(*)::int from kept) as "headsKept",
      (select coalesce(jsonb_agg(jsonb_build_object('fault', f.fault, 'chainId', f.chain_id,
          'seq', f.seq, 'entryId', f.entry_id)), '[]')
        from (
          select * from chain_faults(${union}, (
            select coalesce(jsonb_agg(jsonb_build_object(
              'chainId', k.chain_id, 'seq', k.seq, 'hash', k.hash)), '[]') from kept k))
          limit 100) f) as faults`);
  if (!found) throw new Error('The verification answered no row.');
  return found;
}

/** The same for whoever may verify in the union. */
export async function verifyUnion(c: Ctx, union: number): Promise<Verification> {
  const mine = await c.env.db.execute(sql`
    select from trade_union u, (${holding(signedIn(c), 'verify')}) o
    where u.id = ${union} and o.union_id = any(u.path) limit 1`);
  return mine.length > 0 ? verifyChain(c.env.db, union) : refuse(c);
}
