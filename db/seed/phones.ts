import { createCipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto';

export type SealedPhone = { hash: string; cipher: Uint8Array };

/**
 * The same values as `phoneHash` and `sealPhone` of api/members/personal-data.ts (a test compares them), made in step
 * with the rows: millions of calls through WebCrypto's promises would take most of the time. The nonce follows from the
 * number, so that the same seed gives the same city; no two numbers share one.
 */
export function createPhones(secret: string): (e164: string) => SealedPhone {
  const derive = (name: string) =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', name, 32)));
  const hashKey = derive('tongka phone hash');
  const sealKey = derive('tongka phone seal');
  return (e164) => {
    const hash = createHmac('sha256', hashKey).update(e164).digest();
    const nonce = hash.subarray(0, 12);
    const seal = createCipheriv('aes-256-gcm', sealKey, nonce);
    const cipher = Buffer.concat([nonce, seal.update(e164), seal.final(), seal.getAuthTag()]);
    return { hash: hash.toString('hex'), cipher };
  };
}

/** 169 is given to no operator: nobody's telephone rings. */
export function phoneOf(serial: number): string {
  return `+86169${String(serial).padStart(8, '0')}`;
}
