/** What a phone sent: the exact texts of its scans from a number on, and the hash of the one before them. */
export type Sent = { from: number; prev: string; items: string[] };
export type Link = { seq: number; hash: string; body: string };

const utf8 = new TextEncoder();

/** Each text with its number and its hash over everything before it, as the phone itself computed it. */
export async function chain({ from, prev, items }: Sent): Promise<Link[]> {
  const links: Link[] = [];
  let hash = prev;
  for (const [i, body] of items.entries()) {
    hash = hex(await crypto.subtle.digest('SHA-256', utf8.encode(`${hash}\n${body}`)));
    links.push({ seq: from + i, hash, body });
  }
  return links;
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
