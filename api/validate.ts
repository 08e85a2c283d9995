import { zValidator } from '@hono/zod-validator';
import type { ValidationTargets } from 'hono';
import { resolver, uniqueSymbol } from 'hono-openapi';
import * as z from 'zod';
import { Problem } from './errors.ts';

/**
 * zValidator whose failure is a problem document that names each field and what is wrong with it, not its value. It
 * carries its schema along, so that the OpenAPI document says what is checked.
 */
export const validate = <Target extends keyof ValidationTargets, Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) =>
  Object.assign(
    zValidator(target, schema, (result) => {
      if (!result.success)
        throw new Problem('invalid_request', {
          fields: result.error.issues.map(({ path, message }) => ({
            field: path.join('.'),
            message,
          })),
        });
    }),
    { [uniqueSymbol]: { target, ...resolver(schema) } },
  );

/**
 * What no text has: control, bidirectional and zero-width characters. The joiner stands only between two emoji, which it
 * makes one, as of a family; anywhere else it is as invisible as the rest.
 */
const unstorable =
  /[\p{Cc}\u200B\u200C\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]|(?<!\p{Extended_Pictographic}\p{Emoji_Modifier}?\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})/u;

/**
 * What a person typed: NFC, trimmed, without what is unstorable and without half a character, between 1 and `lengthMax`
 * characters.
 */
export const text = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax * 4)
    .transform((value) => value.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1)
        .max(lengthMax)
        .refine((value) => value.isWellFormed() && !unstorable.test(value), {
          message: 'contains characters that cannot be stored or shown',
        }),
    )
    .meta({ minLength: 1, maxLength: lengthMax });

/** An id the caller makes: a UUID of version 7 in its lower-case form. */
export const callerId = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'must be a lower-case UUIDv7',
  );

/** A whole number in JSON, within PostgreSQL's integer. */
export const integer = (min: number, max = 2_147_483_647) => z.int().min(min).max(max);

/** The number in a path or query: plain decimal digits, no sign, no space, no leading zero. */
export const numberInUrl = (max = 2_147_483_647) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,9})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().max(max));

/** An instant with its zone, in the years 2000 to 2099. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine(
    (value) => /^20\d\d-/.test(value) && !Number.isNaN(Date.parse(value)),
    'must be an instant between 2000 and 2099',
  )
  .meta({ pattern: undefined });

/** A date in Asia/Shanghai, of the years 2000 to 2099. */
export const localDay = z.iso
  .date()
  .refine((day) => /^20\d\d-/.test(day), 'must be a date of 2000 to 2099');

/** A list from one day to another, both of them part of it. */
export const inOrder = <Filter extends z.ZodType<{ from?: string; to?: string }>>(filter: Filter) =>
  filter.refine(({ from = '', to = from }) => from <= to, {
    path: ['from'],
    message: 'must not be after "to"',
  });
