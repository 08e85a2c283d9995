const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 26;
export const codeForm = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** 128 random bits in Crockford's base32: what the pairing QR carries, and nobody can guess. */
export function makeCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let code = '';
  for (let i = 0; i < codeLength; i++, value >>= 5n)
    code = alphabet.charAt(Number(value & 31n)) + code;
  return code;
}

/** What is kept of a code: SHA-256 in hex. It has too many bits to be searched for, so it needs no salt. */
export async function hashOfCode(code: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
