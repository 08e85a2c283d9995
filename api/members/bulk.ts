import { deriveHmacKey, deriveSealingKey } from '../derive.ts';
import { purposes } from './personal-data.ts';

export type Purpose = keyof typeof purposes;

/**
 * Hashes and seals many numbers at once, as `personal-data.ts` does one: hashes as 64 hex digits, sealed ones as the hex
 * of nonce, cipher text and tag. What is null stays null.
 */
export type Bulk = {
  hash: (purpose: Purpose, values: readonly (string | null)[]) => Promise<(string | null)[]>;
  seal: (purpose: Purpose, values: readonly (string | null)[]) => Promise<(string | null)[]>;
};

const text = new TextEncoder();
const nonceBytes = 12;

/** With WebCrypto, which every runtime has; a shell with something faster brings its own. */
export function webBulk(secret: string): Bulk {
  return {
    async hash(purpose, values) {
      const key = await deriveHmacKey(secret, purposes[purpose]);
      return each(values, (value) => crypto.subtle.sign('HMAC', key, text.encode(value)));
    },
    async seal(purpose, values) {
      const key = await deriveSealingKey(secret, purposes[purpose]);
      return each(values, async (value) => {
        const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
        const cipher = await crypto.subtle.encrypt(
          { name: 'AES-GCM', iv },
          key,
          text.encode(value),
        );
        const sealed = new Uint8Array(nonceBytes + cipher.byteLength);
        sealed.set(iv);
        sealed.set(new Uint8Array(cipher), nonceBytes);
        return sealed.buffer;
      });
    },
  };
}

function each(
  values: readonly (string | null)[],
  work: (value: string) => Promise<ArrayBuffer>,
): Promise<(string | null)[]> {
  return Promise.all(
    values.map(async (value) => (value === null ? null : hex(new Uint8Array(await work(value))))),
  );
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
