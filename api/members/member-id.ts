import * as z from 'zod';

/** A member's id in an address of the unions' own desk: up to 52 bits, whose lowest six are the cell. */
export const memberId = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int().max(2 ** 52 - 1));

export const cellOfMember = (id: number): number => id % 64;
