import type { Sql } from '../../db/client.ts';
import { deriveHmacKey, deriveKeyBytes } from '../derive.ts';
import { type KeyRow, readKeys } from './queries.ts';
import { openKey } from './seal.ts';
import { expiryOf, passSeconds } from './times.ts';

const maxAgeMs = 60_000;
const refreshPauseMs = 5_000;

type Loaded = {
  rows: KeyRow[];
  verifiers: Map<number, CryptoKey>;
  signers: Map<number, CryptoKey>;
  /** The database's clock minus this machine's. */
  aheadMs: number;
};

type Derived = { shortCodes: CryptoKey; tickets: Uint8Array; printed: Uint8Array };

const curve: EcKeyImportParams = { name: 'ECDSA', namedCurve: 'P-256' };

/**
 * The signing keys as this process last read them, at most a minute old, and the keys derived from the secret. What it
 * knows late costs nothing: a key is published long before it signs, and whether a key was revoked is asked of SQL. It
 * keeps no connection, so it may outlive a request.
 */
export class KeyRing {
  readonly #secret: string;
  readonly #elapsedMs: () => number;
  #loaded: Loaded | undefined;
  #lookedAt = -Infinity;
  #derived: Derived | undefined;

  constructor(secret: string, elapsedMs = () => performance.now()) {
    this.#secret = secret;
    this.#elapsedMs = elapsedMs;
  }

  /** Null for a kid that is not ours. Unknown kids make it look again at most every five seconds, however many come. */
  async verifier(sql: Sql, kid: number): Promise<CryptoKey | null> {
    let loaded = await this.#fresh(sql);
    const isKnown = loaded.rows.some((row) => row.kid === kid);
    if (!isKnown && this.#isOlderThan(refreshPauseMs)) loaded = await this.#load(sql);
    const row = loaded.rows.find((row) => row.kid === kid);
    if (!row) return null;
    const known = loaded.verifiers.get(kid);
    if (known) return known;
    const key = await crypto.subtle.importKey('jwk', row.publicJwk, curve, true, ['verify']);
    loaded.verifiers.set(kid, key);
    return key;
  }

  /** The kid that signs the pass of this minute: of those that signed by its start and still verify at its end, the newest. */
  async signingKid(sql: Sql, minute: number): Promise<number | null> {
    const { rows } = await this.#fresh(sql);
    return signerOf(rows, minute)?.kid ?? null;
  }

  async signer(sql: Sql, minute: number): Promise<{ kid: number; key: CryptoKey } | null> {
    const { rows, signers } = await this.#fresh(sql);
    const row = signerOf(rows, minute);
    if (row === null) return null;
    let key = signers.get(row.kid);
    if (!key) {
      const jwk = await openKey(this.#secret, row.kid, row.privateCipher);
      key = await crypto.subtle.importKey('jwk', jwk, curve, false, ['sign']);
      signers.set(row.kid, key);
    }
    return { kid: row.kid, key };
  }

  /** The database's clock in epoch seconds, without asking it. */
  async now(sql: Sql): Promise<number> {
    const { aheadMs } = await this.#fresh(sql);
    return (Date.now() + aheadMs) / 1000;
  }

  /** After a change of keys by this process, or of the clock by a test. */
  forget(): void {
    this.#loaded = undefined;
  }

  /** For short codes, scan tickets and printed cards. Kept as values: a promise belongs to the request that made it. */
  async derived(): Promise<Derived> {
    this.#derived ??= {
      shortCodes: await deriveHmacKey(this.#secret, 'short codes'),
      tickets: await deriveKeyBytes(this.#secret, 'scan tickets'),
      printed: await deriveKeyBytes(this.#secret, 'printed cards'),
    };
    return this.#derived;
  }

  async #fresh(sql: Sql): Promise<Loaded> {
    return this.#loaded && !this.#isOlderThan(maxAgeMs) ? this.#loaded : this.#load(sql);
  }

  /** While one caller looks, the others go on with what is known. */
  async #load(sql: Sql): Promise<Loaded> {
    this.#lookedAt = this.#elapsedMs();
    try {
      const { now, rows } = await readKeys(sql);
      const aheadMs = now * 1000 - Date.now();
      this.#loaded = { rows, verifiers: new Map(), signers: new Map(), aheadMs };
      return this.#loaded;
    } catch (error) {
      this.#lookedAt = -Infinity;
      throw error;
    }
  }

  #isOlderThan(ms: number): boolean {
    return this.#elapsedMs() - this.#lookedAt > ms;
  }
}

function signerOf(rows: KeyRow[], minute: number): KeyRow | null {
  const able = rows.filter(
    ({ signsFrom, retiresAt, isRevoked }) =>
      !isRevoked &&
      signsFrom <= minute * passSeconds &&
      (retiresAt === null || expiryOf(minute) <= retiresAt),
  );
  return able.sort((a, b) => b.signsFrom - a.signsFrom || b.kid - a.kid)[0] ?? null;
}
