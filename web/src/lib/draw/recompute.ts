/** What a draw tells about itself: all in lower-case hex, `number` as it was entered. */
export type Told = {
  commitment: string;
  listHash: string;
  secret: string;
  number: string;
  seed: string;
};

export type Entry = { pseudonym: string; weight: number };

/** What follows from list, secret and number, whether that is what was told, and the order that they draw. */
export type Recomputed = {
  commitment: string;
  listHash: string;
  seed: string;
  isSecretCommitted: boolean;
  isListTheOne: boolean;
  isSeedRight: boolean;
  /** Pseudonyms, the first one first. */
  order: string[];
};

const utf8 = new TextEncoder();

/**
 * Does a draw again from what anybody can see, by the documented procedure: the commitment is SHA-256 of the secret, the
 * list's hash that of its very text, the seed SHA-256(secret ‖ list hash ‖ number); ticket i of an entry is
 * SHA-256(seed ‖ "pseudonym:i"), an entry of weight n has n of them, and stands where its lowest one comes.
 */
export async function recompute(
  list: string,
  told: Told,
  onprogress: (done: number, all: number) => void = () => {},
): Promise<Recomputed> {
  const secret = fromHex(told.secret);
  const listHash = await sha256(utf8.encode(list));
  const seed = await sha256(secret, listHash, utf8.encode(told.number));
  const lowest: { pseudonym: string; ticket: string }[] = [];
  const entries = entriesOf(list);
  // A bit at a time: an old phone draws its progress, and answers its owner, in between.
  for (let at = 0; at < entries.length; at += chunk) {
    lowest.push(
      ...(await Promise.all(entries.slice(at, at + chunk).map((one) => lowestTicket(seed, one)))),
    );
    onprogress(lowest.length, entries.length);
    await new Promise((go) => setTimeout(go));
  }
  lowest.sort((a, b) =>
    a.ticket < b.ticket || (a.ticket === b.ticket && a.pseudonym < b.pseudonym) ? -1 : 1,
  );
  const found = {
    commitment: toHex(await sha256(secret)),
    listHash: toHex(listHash),
    seed: toHex(seed),
  };
  return {
    ...found,
    isSecretCommitted: found.commitment === told.commitment,
    isListTheOne: found.listHash === told.listHash,
    isSeedRight: found.seed === told.seed,
    order: lowest.map(({ pseudonym }) => pseudonym),
  };
}

const chunk = 50;

async function lowestTicket(seed: Uint8Array, { pseudonym, weight }: Entry) {
  const tickets = await Promise.all(
    Array.from({ length: weight }, async (_, i) =>
      toHex(await sha256(seed, utf8.encode(`${pseudonym}:${i + 1}`))),
    ),
  );
  return { pseudonym, ticket: tickets.reduce((a, b) => (a < b ? a : b)) };
}

type Placed = { pseudonym: string; place: number };
type Result = {
  prizes: readonly { id: number }[];
  winners: readonly (Placed & { prize: number | null; isFirst: boolean })[];
  passed: readonly Placed[];
};

/**
 * Whether a published result is what an order comes to: everybody stands at his own place, nobody before the last who was
 * drawn for a prize is left out or passed over in silence, and the prizes go from the first to the last.
 */
export function isResultOf(order: readonly string[], { prizes, winners, passed }: Result): boolean {
  const first = winners.filter(({ isFirst }) => isFirst);
  const head = [...first, ...passed].sort((a, b) => a.place - b.place);
  const given = first.map(({ prize }) => prizes.findIndex(({ id }) => id === prize));
  return (
    [...winners, ...passed].every(({ pseudonym, place }) => order[place - 1] === pseudonym) &&
    head.every(({ place }, i) => place === i + 1) &&
    given.every((prize, i) => i === 0 || prize >= (given[i - 1] ?? 0))
  );
}

/** The lines "pseudonym,weight" of a list. */
export function entriesOf(list: string): Entry[] {
  return list
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pseudonym = '', weight = ''] = line.split(',');
      return { pseudonym, weight: Number(weight) };
    });
}

/** By what a member finds himself in the list; nobody who does not know his claim does. */
export async function pseudonymOf(benefit: number, claim: string): Promise<string> {
  return toHex(await sha256(utf8.encode(`tongka draw ${benefit} ${claim}`))).slice(0, 20);
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
