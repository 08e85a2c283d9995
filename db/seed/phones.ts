import { createCipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto';

export type SealedPhone = { hash: string; cipher: Uint8Array };

/**
 * The same values as `phoneHash` and `sealPhone`, or `idHash` and `sealId`, of api/members/personal-data.ts, made in step
 * with the rows: millions of calls through WebCrypto's promises would take most of the time. The nonce follows from the
 * number, so that the same seed gives the same city; no two numbers share one.
 */
function createSealer(secret: string, what: 'phone' | 'id number'): (value: string) => SealedPhone {
  const derive = (name: string) =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', name, 32)));
  const hashKey = derive(`tongka ${what} hash`);
  const sealKey = derive(`tongka ${what} seal`);
  return (value) => {
    const hash = createHmac('sha256', hashKey).update(value).digest();
    const nonce = hash.subarray(0, 12);
    const seal = createCipheriv('aes-256-gcm', sealKey, nonce);
    const cipher = Buffer.concat([nonce, seal.update(value), seal.final(), seal.getAuthTag()]);
    return { hash: hash.toString('hex'), cipher };
  };
}

export const createPhones = (secret: string) => createSealer(secret, 'phone');
export const createIdNumbers = (secret: string) => createSealer(secret, 'id number');

/** 169 is given to no operator: nobody's telephone rings. */
export function phoneOf(serial: number): string {
  return `+86169${String(serial).padStart(8, '0')}`;
}
