import * as z from 'zod';

const daysMax = 366;
const date = z.iso.date().refine((day) => /^20\d\d-/.test(day), 'must be a date of 2000 to 2099');

/** Local days in Asia/Shanghai, both among them. */
export type Days = { from: string; to: string };

export const days = { from: date, to: date };

/** A year at most, the right way round. */
export const inOrder = <Query extends z.ZodType<Days>>(query: Query) =>
  query.refine(
    ({ from, to }) => from <= to && Date.parse(to) - Date.parse(from) < daysMax * 86_400_000,
    { path: ['from'], message: 'must be before "to", by a year at most' },
  );
