import { createHash } from 'node:crypto';
import Papa from 'papaparse';

type Row = Record<string, string>;
type Part = {
  partner: number;
  debtor: number;
  creditor: number;
  days: Map<string, string[]>;
  lines: number;
  chargedFen: number;
  returnedFen: number;
};

/** What follows from the lines of one statement alone. */
export type Recomputed = {
  lines: number;
  redemptions: number;
  /** By debtor and creditor: what the first owes the second, in fen. */
  owedFen: Record<string, number>;
  hash: string;
};

export type Head = { month: string; kind: string; union: number; against: number };

/**
 * An outsider's program: from the exported CSV of a statement, by nothing but its documented format, to its figures and its
 * hash. It shares no code with the product.
 */
export function recompute(csv: string, { month, kind, union, against }: Head): Recomputed {
  const { data } = Papa.parse<Row>(csv.replace(/^\uFEFF/, '').trimEnd(), { header: true });
  const rows = data.toSorted(
    (a, b) =>
      compare(a['redemption'], b['redemption']) ||
      compare(a['entry'], b['entry']) ||
      Number(a['leg']) - Number(b['leg']),
  );
  const parts = new Map<string, Part>();
  const owedFen: Record<string, number> = {};
  for (const row of rows) {
    const [partner, debtor, creditor] = [row['partner'], row['debtor'], row['creditor']].map(
      Number,
    );
    const key = `${partner} ${debtor} ${creditor}`;
    const part = parts.get(key) ?? {
      ...{ partner: partner ?? 0, debtor: debtor ?? 0, creditor: creditor ?? 0 },
      ...{ days: new Map<string, string[]>(), lines: 0, chargedFen: 0, returnedFen: 0 },
    };
    parts.set(key, part);
    const fen = Number(row['amount_fen']);
    const isCharge = row['direction'] === 'charge';
    part.lines += 1;
    if (isCharge) part.chargedFen += fen;
    else part.returnedFen += fen;
    const owed = `${debtor} ${creditor}`;
    owedFen[owed] = (owedFen[owed] ?? 0) + (isCharge ? fen : -fen);
    const day = dayInShanghai(row['booked_at'] ?? '');
    const said = ['redemption', 'entry', 'leg', 'direction', 'amount_fen', 'booked_at'];
    part.days.set(day, [...(part.days.get(day) ?? []), said.map((name) => row[name]).join(' ')]);
  }
  const sorted = [...parts.values()].sort(
    (a, b) => a.partner - b.partner || a.debtor - b.debtor || a.creditor - b.creditor,
  );
  const body = sorted.map(
    ({ partner, debtor, creditor, days, lines, chargedFen, returnedFen }) =>
      `${partner} ${debtor} ${creditor} ${lines} ${chargedFen} ${returnedFen} ${digest(
        [...days]
          .sort(([a], [b]) => compare(a, b))
          .map(([day, one]) => `${day} ${digest(one.map((line) => `${line}\n`).join(''))}\n`)
          .join(''),
      )}\n`,
  );
  const uses = rows
    .filter(({ entry }) => entry === 'redemption')
    .map(({ redemption }) => redemption);
  return {
    lines: rows.length,
    redemptions: new Set(uses).size,
    owedFen,
    hash: digest(`tongka 1 ${month} ${kind} ${union} ${against}\n${body.join('')}`),
  };
}

function dayInShanghai(utc: string): string {
  const at = new Date(`${utc.replace(' ', 'T')}Z`).getTime() + 8 * 3_600_000;
  return new Date(at).toISOString().slice(0, 10);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
