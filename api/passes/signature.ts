/** The order of P-256's group. Of the two signatures (r, s) and (r, n − s) only the one with the lower s is a pass's. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const half = order >> 1n;
const scalarBytes = 32;

const algorithm: EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };

/** ES256 with the low s: whoever holds a pass cannot turn it into a second form of the same pass. */
export async function sign(key: CryptoKey, input: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(input);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, bytes));
  const s = readS(signature);
  if (s > half) writeS(signature, order - s);
  return signature;
}

export function isLowS(signature: Uint8Array): boolean {
  return signature.length === 2 * scalarBytes && readS(signature) <= half;
}

function readS(signature: Uint8Array): bigint {
  let value = 0n;
  for (const byte of signature.subarray(scalarBytes)) value = (value << 8n) | BigInt(byte);
  return value;
}

function writeS(signature: Uint8Array, value: bigint): void {
  for (let i = 2 * scalarBytes - 1, rest = value; i >= scalarBytes; i--, rest >>= 8n)
    signature[i] = Number(rest & 0xffn);
}
