import type { Sql, Transaction } from '../../db/client.ts';

/** Instants in epoch seconds: keys are compared with the minutes of passes. */
export type KeyRow = {
  kid: number;
  publicJwk: JsonWebKey;
  privateCipher: Uint8Array;
  signsFrom: number;
  retiresAt: number | null;
  isRevoked: boolean;
};

export async function readKeys(sql: Sql): Promise<{ now: number; rows: KeyRow[] }> {
  const found = await sql<(KeyRow & { now: number })[]>`
    select extract(epoch from t.now)::float8 as now, k.kid, k.public_jwk as "publicJwk",
      k.private_cipher as "privateCipher", extract(epoch from k.signs_from)::float8 as "signsFrom",
      extract(epoch from k.retires_at)::float8 as "retiresAt", k.revoked_at is not null as "isRevoked"
    from (select clock() as now) t left join signing_key k on true`;
  const now = found[0]?.now ?? Date.now() / 1000;
  return { now, rows: found.filter(({ kid }) => kid !== null) };
}

/** What other parties verify passes with: published before it signs, until it no longer verifies. */
export function readPublicKeys(sql: Sql) {
  return sql<{ kid: number; publicJwk: JsonWebKey }[]>`
    select kid, public_jwk as "publicJwk" from signing_key
    where revoked_at is null and (retires_at is null or retires_at > clock())
    order by signs_from, kid`;
}

/** One change of keys at a time; readers do not wait. */
export async function lockKeys(tx: Transaction): Promise<void> {
  await tx`lock table signing_key in share row exclusive mode`;
}

export type NewKey = { kid: number; publicJwk: JsonWebKey; privateCipher: Uint8Array };

/** Published now, signs after `leadSeconds`; without a lead already for the minute that runs. */
export async function insertKey(tx: Transaction, key: NewKey, leadSeconds: number) {
  const [row] = await tx<{ kid: number; signsFrom: Date }[]>`
    insert into signing_key (kid, public_jwk, private_cipher, created_at, signs_from)
    select ${key.kid}, ${tx.json(key.publicJwk as Record<string, string>)}, ${key.privateCipher}, now,
      date_trunc('minute', now + make_interval(secs => ${leadSeconds}))
    from (select clock() as now) t
    returning kid, signs_from as "signsFrom"`;
  if (!row) throw new Error('The key was not stored.');
  return row;
}

/** All others stop verifying after the last pass that a phone may hold of them. */
export function retireOthers(
  tx: Transaction,
  kid: number,
  signsFrom: Date,
  overlapSeconds: number,
) {
  return tx`
    update signing_key
    set retires_at = ${signsFrom}::timestamptz + make_interval(secs => ${overlapSeconds})
    where kid <> ${kid} and retires_at is null and revoked_at is null`;
}

export function deleteRetired(tx: Transaction, keptSeconds: number) {
  return tx`delete from signing_key where retires_at < clock() - make_interval(secs => ${keptSeconds})`;
}

/** Where keys rotate so often that a number comes round again, its old key goes at once. */
export function freeKid(tx: Transaction, kid: number) {
  return tx`delete from signing_key where kid = ${kid} and retires_at < clock()`;
}

export async function revokeKey(tx: Transaction, kid: number): Promise<boolean> {
  const done = await tx`
    update signing_key set revoked_at = clock() where kid = ${kid} and revoked_at is null`;
  return done.count > 0;
}

/** The newest kid ever given out and whether any key signs at this moment. */
export async function readLatest(tx: Transaction) {
  const [row] = await tx<{ kid: number | null; isSigning: boolean }[]>`
    select (select kid from signing_key order by created_at desc, kid desc limit 1) as kid,
      exists (select from signing_key where revoked_at is null and signs_from <= clock()
        and (retires_at is null or retires_at > clock() + interval '1 minute')) as "isSigning"`;
  return row ?? { kid: null, isSigning: false };
}
