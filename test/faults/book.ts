import type { Sql } from '../../db/client.ts';

/** What an accepted redemption answers, and for ever the same. */
export type Receipt = {
  id: string;
  at: string;
  benefit: number;
  quantity: number;
  priceFen: number;
  memberLeft: number;
};

/** What the counters wrote down: every redemption they were told of, and whatever should not have been answered. */
export class Book {
  readonly #receipts = new Map<string, Receipt>();
  readonly #refused = new Map<string, string>();
  readonly #complaints: string[] = [];
  readonly #waiting = new Set<{ count: number; resolve: () => void }>();
  /** Answers in all, also those that only repeat an earlier one. */
  answers = 0;

  /** Redemptions that were answered. */
  get count(): number {
    return this.#receipts.size;
  }

  get refused(): number {
    return this.#refused.size;
  }

  /** Resolves with the answer that makes them `count`. */
  reaches(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add({ count, resolve });
      this.#tell();
    });
  }

  accept(receipt: Receipt): void {
    const { id } = receipt;
    const first = this.#receipts.get(id);
    if (!first) this.#receipts.set(id, receipt);
    else if (!isSame(first, receipt)) this.#complaints.push(`${id} was answered in two ways`);
    this.answers += 1;
    this.#tell();
  }

  refuse(id: string, code: string): void {
    this.#refused.set(id, code);
    this.answers += 1;
    this.#tell();
  }

  complain(what: string): void {
    this.#complaints.push(what);
  }

  /** How the database contradicts the book, or itself; empty when all is well. `benefits` are those of the drill only. */
  async compare(sql: Sql, benefits: readonly number[]): Promise<string[]> {
    const rows = await sql<(Omit<Receipt, 'at'> & { at: Date })[]>`
      select id, at, benefit_id as benefit, quantity::int as quantity, price_fen as "priceFen",
        member_left as "memberLeft"
      from redemption where benefit_id = any (${[...benefits]}::int[])`;
    const stored = new Map(rows.map((row) => [row.id, { ...row, at: row.at.toISOString() }]));
    const findings = [...this.#complaints];
    if (stored.size !== rows.length) findings.push(`${rows.length - stored.size} ids stand twice`);
    for (const [id, receipt] of this.#receipts) {
      const row = stored.get(id);
      if (!row) findings.push(`${id} was answered and is lost`);
      else if (!isSame(row, receipt)) findings.push(`${id} stands otherwise than it was answered`);
      if (this.#refused.has(id)) findings.push(`${id} was answered and refused`);
    }
    for (const id of stored.keys()) {
      if (!this.#receipts.has(id)) findings.push(`${id} stands, and nobody was told`);
    }
    const contradictions = await sql<{ finding: string; subject: string }[]>`
      select finding, subject from consistency()`;
    return [...findings, ...contradictions.map((one) => `${one.subject}: ${one.finding}`)];
  }

  #tell(): void {
    for (const waiting of this.#waiting) {
      if (this.answers < waiting.count) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

function isSame(a: Receipt, b: Receipt): boolean {
  return (
    a.at === b.at &&
    a.benefit === b.benefit &&
    a.quantity === b.quantity &&
    a.priceFen === b.priceFen &&
    a.memberLeft === b.memberLeft
  );
}
