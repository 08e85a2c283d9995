import * as z from 'zod';
import { readPhone } from '../sessions/phone.ts';

export type RosterRow = {
  /** As a spreadsheet counts: the header is row 1. */
  row: number;
  name: string;
  phone: string;
  district: string;
  enterprise: string;
  branch: string | null;
  bornOn: string | null;
  tags: string[];
};

export type Complaint = { row: number; column: string; wish: string };

/** What a column may be called; the first name is the one a complaint uses. */
const columns = {
  name: ['姓名', 'name'],
  phone: ['手机号', 'phone'],
  district: ['区', 'district'],
  enterprise: ['单位工会', 'enterprise'],
  branch: ['上级工会', 'branch'],
  bornOn: ['出生日期', 'born_on'],
  tags: ['标签', 'tags'],
} as const;

type Column = keyof typeof columns;
const names = Object.keys(columns) as Column[];
const required: Column[] = ['name', 'phone', 'district', 'enterprise'];

// Controls, and what changes the direction or the look of the text around it.
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;
const name = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !invisible.test(text));

const schema = z.object({
  name: name(50),
  phone: z.string().transform((text, context) => {
    try {
      return readPhone(text);
    } catch {
      context.addIssue('phone');
      return z.NEVER;
    }
  }),
  district: name(20),
  enterprise: name(100),
  branch: name(100).nullable(),
  bornOn: z.iso
    .date()
    .refine((day) => day >= '1900-01-01' && day <= '2020-12-31')
    .nullable(),
  tags: z.array(name(20)).max(10),
});

const wishes: Record<Column, string> = {
  name: 'must be 1 to 50 characters',
  phone: 'must be a mobile number of mainland China, and only once',
  district: 'must be the code or the name of a district',
  enterprise: 'must be 1 to 100 characters',
  branch: 'must be the name of a street or industry union of that district',
  bornOn: 'must be a date such as 1990-05-01',
  tags: 'must be at most ten words of 20 characters, separated by semicolons',
};

/** The columns this header lacks. */
export function missingColumns(header: string[]): string[] {
  return required.filter((column) => !find(header, column)).map((column) => columns[column][0]);
}

/**
 * Reads a roster's records, keyed by its header. Every fault is named by row and column, and
 * never by content: a complaint may stand in a log.
 */
export function readRoster(records: Record<string, string>[]): {
  rows: RosterRow[];
  complaints: Complaint[];
} {
  const rows: RosterRow[] = [];
  const complaints: Complaint[] = [];
  const phones = new Set<string>();
  for (const [i, record] of records.entries()) {
    if (Object.values(record).every((cell) => cell.trim() === '')) continue;
    const row = i + 2;
    const result = schema.safeParse(pick(record));
    if (!result.success) {
      for (const path of new Set(result.error.issues.map((issue) => issue.path[0]))) {
        const column = names.find((one) => one === path) ?? 'name';
        complaints.push(complain(row, column));
      }
    } else if (phones.has(result.data.phone)) {
      complaints.push(complain(row, 'phone'));
    } else {
      phones.add(result.data.phone);
      rows.push({ row, ...result.data });
    }
  }
  return { rows, complaints };
}

export function complain(row: number, column: Column): Complaint {
  return { row, column: columns[column][0], wish: wishes[column] };
}

function pick(record: Record<string, string>): Record<Column, unknown> {
  const cell = (column: Column) => {
    const key = find(Object.keys(record), column);
    return (key === undefined ? '' : (record[key] ?? '')).normalize('NFC').trim();
  };
  return {
    name: cell('name'),
    phone: cell('phone'),
    district: cell('district'),
    enterprise: cell('enterprise'),
    branch: cell('branch') || null,
    bornOn: cell('bornOn') || null,
    tags: cell('tags')
      .split(/[;；]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  };
}

function find(header: string[], column: Column): string | undefined {
  const accepted: readonly string[] = columns[column];
  return header.find((key) => accepted.includes(key.trim().toLowerCase()));
}
