type Bytes = Uint8Array<ArrayBuffer>;

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function utf8(text: string): Bytes {
  return Uint8Array.from(new TextEncoder().encode(text));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Null for anything but the one unpadded form of its bytes. */
export function fromBase64Url(text: string): Bytes | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) =>
    one.charCodeAt(0),
  );
  return toBase64Url(bytes) === text ? bytes : null;
}

/** RFC 4648 without padding, in either case; null for anything but the shortest form of its bytes. */
export function fromBase32(text: string): Bytes | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const value = /[a-z]/i.test(character)
      ? base32.indexOf(character.toUpperCase())
      : base32.indexOf(character);
    if (value < 0) return null;
    buffer = ((buffer & 0xff) << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (buffer >> bits) & 0xff;
  }
  const isShortest = bits < 5 && (buffer & ((1 << bits) - 1)) === 0;
  return isShortest ? bytes : null;
}
