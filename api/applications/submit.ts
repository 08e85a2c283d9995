import { sql } from 'drizzle-orm';
import { application } from '../../db/schema/applications.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { sealPhone } from '../members/personal-data.ts';
import { readPhone } from '../sessions/phone.ts';
import type { NewApplication } from './shape.ts';

export type Submitted = { id: number; version: number; state: 'submitted' | 'withdrawn' };

const openMax = 3;
const aDayMax = 5;

/**
 * A company applies. Whoever is signed in may, with three open at once and five in any day; what others applied for has no
 * say in the answer, so that nobody learns from it who is a partner.
 */
export async function submitApplication(c: Ctx, wanted: NewApplication): Promise<Submitted> {
  const { userId } = signedIn(c);
  const row = await rowOf(c, wanted);
  return c.env.db.transaction(async (tx) => {
    await requireSession(c, tx);
    await requireDistricts(tx, wanted);
    const [made] = await tx.execute<{ open: number; today: number }>(sql`
      select count(*) filter (where state in ('submitted', 'asked'))::int as open,
        count(*) filter (where submitted_at > clock() - interval '1 day')::int as today
      from application where user_id = ${userId}`);
    if (!made || made.open >= openMax || made.today >= aDayMax)
      throw new Problem('too_many_attempts', {}, { 'Retry-After': '86400' });
    const [stored] = await tx
      .insert(application)
      .values({ ...row, userId, submittedAt: sql`clock()` })
      .returning({ id: application.id, version: application.version });
    if (!stored) throw new Error('The insert gave no row.');
    return { ...stored, state: 'submitted' };
  });
}

/** The applicant's answer to an officer who asked back: the whole application once more. */
export async function answerApplication(
  c: Ctx,
  id: number,
  { version, ...wanted }: NewApplication & { version: number },
): Promise<Submitted> {
  const { userId } = signedIn(c);
  const row = await rowOf(c, wanted);
  const answered = await c.env.db.transaction(async (tx) => {
    await requireSession(c, tx);
    const [found] = await tx.execute<{ isTurn: boolean }>(sql`
      select state = 'asked' and version = ${version} as "isTurn" from application
      where id = ${id} and user_id = ${userId} for no key update`);
    if (!found) return undefined;
    if (!found.isTurn) throw new Problem('changed_meanwhile');
    await requireDistricts(tx, wanted);
    await tx
      .update(application)
      .set({ ...row, state: 'submitted', version: version + 1, submittedAt: sql`clock()` })
      .where(sql`id = ${id}`);
    return { id, version: version + 1, state: 'submitted' as const };
  });
  return answered ?? refuse(c);
}

/** The applicant thinks better of it, as long as nobody has decided. */
export async function withdrawApplication(c: Ctx, id: number): Promise<Submitted> {
  const { userId } = signedIn(c);
  const withdrawn = await c.env.db.transaction(async (tx) => {
    await requireSession(c, tx);
    const [found] = await tx.execute<{ state: string; version: number }>(sql`
      select state, version from application
      where id = ${id} and user_id = ${userId} for no key update`);
    if (!found) return undefined;
    if (found.state !== 'submitted' && found.state !== 'asked')
      throw new Problem('changed_meanwhile');
    await tx
      .update(application)
      .set({ state: 'withdrawn', version: found.version + 1, decidedAt: sql`clock()` })
      .where(sql`id = ${id}`);
    return { id, version: found.version + 1, state: 'withdrawn' as const };
  });
  return withdrawn ?? refuse(c);
}

/** Anybody with a live session; his row is locked, so that what he sends at once is counted one by one. */
async function requireSession(c: Ctx, tx: Tx): Promise<void> {
  const { userId, sessionAt } = signedIn(c);
  const [user] = await tx.execute(sql`
    select from auth_user
    where id = ${userId}
      and session_counts(auth_user, ${sessionAt}::timestamptz)
    for no key update`);
  if (!user) throw new Problem('session_revoked');
}

async function requireDistricts(tx: Tx, { districtId, outlets }: NewApplication): Promise<void> {
  const named = [districtId, ...outlets.map((outlet) => outlet.districtId)];
  const known = await tx.execute<{ id: number }>(sql`
    select id from trade_union
    where level = 2 and id in (select value::int from jsonb_array_elements_text(${JSON.stringify(named)}::jsonb))`);
  const ids = new Set(known.map(({ id }) => id));
  const wrong = named.findIndex((id) => !ids.has(id));
  if (wrong !== -1)
    throw new Problem('invalid_request', {
      fields: [
        {
          field: wrong === 0 ? 'districtId' : `outlets.${wrong - 1}.districtId`,
          message: 'is not a district',
        },
      ],
    });
}

async function rowOf(c: Ctx, { contactPhone, ...wanted }: NewApplication) {
  const phone = readPhone(contactPhone);
  return { ...wanted, contactPhoneCipher: await sealPhone(c.env.config.secret, phone) };
}
