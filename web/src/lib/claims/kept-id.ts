import { newId } from '#lib/scan/redemption-id.ts';

/** What a claim's id stands for; answers to questions are personal, and not kept. */
export type Wish = {
  benefit: number;
  session: number | null;
  quantity: number;
  member: string | null;
};

const key = 'tongka-claims';

/**
 * The id under which this is claimed: made once, and the same until its answer came, so that a claim whose answer was
 * lost is not made twice.
 */
export function idFor(wish: Wish, cell: number): string {
  const kept = read();
  const known = kept[nameOf(wish)];
  if (known !== undefined) return known;
  const id = newId(cell);
  write({ ...kept, [nameOf(wish)]: id });
  return id;
}

/** Its answer is here. */
export function settle(id: string): void {
  write(Object.fromEntries(Object.entries(read()).filter(([, known]) => known !== id)));
}

const nameOf = ({ benefit, session, quantity, member }: Wish) =>
  [benefit, session, quantity, member].join(' ');

// Where nothing can be stored, the ids last as long as the page.
let inMemory: Record<string, string> = {};

function read(): Record<string, string> {
  try {
    const text = localStorage.getItem(key);
    return text === null ? inMemory : (JSON.parse(text) as Record<string, string>);
  } catch {
    return inMemory;
  }
}

function write(ids: Record<string, string>): void {
  inMemory = ids;
  try {
    localStorage.setItem(key, JSON.stringify(ids));
  } catch {
    // It is in memory.
  }
}
