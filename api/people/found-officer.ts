import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { Problem } from '../errors.ts';
import type { OfficeRole } from '../../db/schema/roles.ts';
import { holding } from '../unions/office.ts';

export type FoundOfficer = {
  id: number;
  userId: string;
  unionId: number;
  role: OfficeRole;
  endsAt: Date | null;
  suspendedAt: Date | null;
  /** The caller's office is of a union above, or there is none above: the city. */
  isFromAbove: boolean;
  /** The caller's office is of a union above this one. */
  isBelow: boolean;
};

/**
 * An officer whose union's people are the caller's, held together with all changes of that union's people. The caller's
 * own office is judged after the wait: whoever was put out of his office by the one before changes nothing more.
 */
export async function lockOfficer(
  tx: Tx,
  actor: Actor,
  id: number,
): Promise<FoundOfficer | undefined> {
  await tx.execute(sql`
    select from trade_union u where u.id = (select union_id from officer where id = ${id})
    for no key update`);
  const [found] = await tx.execute<FoundOfficer>(sql`
    with office as materialized (${holding(actor, 'people')})
    select f.id, f.user_id as "userId", f.union_id as "unionId", f.role, f.ends_at as "endsAt",
      f.suspended_at as "suspendedAt",
      u.level = 1 or exists (select from office o where o.union_id = any(u.path) and o.union_id <> u.id)
        as "isFromAbove",
      exists (select from office o where o.union_id = any(u.path) and o.union_id <> u.id) as "isBelow"
    from officer f join trade_union u on u.id = f.union_id
    where f.id = ${id} and exists (select from office o where o.union_id = any(u.path))
    for no key update of f`);
  return found;
}

/** A union keeps an administrator who is there for good, unless somebody above it decides otherwise. */
export async function requireAnotherAdministrator(tx: Tx, officer: FoundOfficer): Promise<void> {
  const others = await tx.execute(sql`
    select from officer f
    where f.union_id = ${officer.unionId} and f.id <> ${officer.id} and f.role = 'administrator'
      and f.suspended_at is null and f.starts_at <= clock() and f.ends_at is null`);
  if (others.length === 0) throw new Problem('last_administrator');
}
