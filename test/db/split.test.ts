// Risk: a fen that is lost or made where several bear one price, or a share that bears more than its cap.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Share } from '../../db/schema/benefits.ts';
import { createDatabase } from '../support/database.ts';
import { divide, divideBy } from '../support/model/divide.ts';

const { sql } = await createDatabase();

type Use = { funding: Share[] | null; priceFen: number; quantity: number };

async function split(uses: Use[]): Promise<number[][]> {
  const rows = await sql<{ amounts: string[] }[]>`
    select split(nullif(u.funding, 'null'), u."priceFen", u.quantity)::text[] as amounts
    from rows from (
      jsonb_to_recordset(${sql.json(uses)}) as (funding jsonb, "priceFen" bigint, quantity integer)
    ) with ordinality as u (funding, "priceFen", quantity, ord)
    order by u.ord`;
  return rows.map(({ amounts }) => amounts.map(Number));
}

test.each<[string, Share[] | null, number, number, number[]]>([
  ['no rule: one amount', null, 4_500, 2, [9_000]],
  [
    'Zibo: the city one part, the district two',
    [
      { payer: 'city', parts: 1 },
      { payer: 'headquarters', parts: 2 },
    ],
    4_500,
    1,
    [1_500, 3_000],
  ],
  [
    'Zibo: a fen that remains goes to the larger remainder',
    [
      { payer: 'city', parts: 1 },
      { payer: 'headquarters', parts: 2 },
    ],
    100,
    1,
    [33, 67],
  ],
  [
    'equal remainders: the earlier one',
    [
      { payer: 'city', parts: 1 },
      { payer: 'host', parts: 1 },
    ],
    5,
    1,
    [3, 2],
  ],
  [
    'amounts go first, in order, as far as there is something',
    [
      { payer: 'co_payment', amountFen: 500 },
      { payer: 'discount', amountFen: 800 },
      { payer: 'owner', parts: 1 },
    ],
    1_000,
    1,
    [500, 500, 0],
  ],
  [
    'an amount is for a unit',
    [
      { payer: 'owner', parts: 1 },
      { payer: 'co_payment', amountFen: 500 },
    ],
    2_000,
    3,
    [4_500, 1_500],
  ],
  [
    'beyond a cap: the first by parts without one',
    [
      { payer: 'city', parts: 1, capFen: 1_000 },
      { payer: 'home', parts: 1 },
      { payer: 'host', parts: 2 },
    ],
    8_000,
    1,
    [1_000, 3_000, 4_000],
  ],
  [
    'a cap is for a unit',
    [
      { payer: 'city', parts: 1, capFen: 1_000 },
      { payer: 'home', parts: 1 },
    ],
    3_000,
    2,
    [2_000, 4_000],
  ],
  [
    'an amount with a cap',
    [
      { payer: 'discount', amountFen: 900, capFen: 300 },
      { payer: 'owner', parts: 1 },
    ],
    1_000,
    1,
    [300, 700],
  ],
  [
    'nothing costs nothing',
    [
      { payer: 'city', parts: 1 },
      { payer: 'home', parts: 2 },
    ],
    0,
    1,
    [0, 0],
  ],
])('%s', async (_, funding, priceFen, quantity, amounts) => {
  expect(await split([{ funding, priceFen, quantity }])).toEqual([amounts]);
});

/** A rule that may be stored: each payer once, and somebody without a cap for what the others do not bear. */
const rule: fc.Arbitrary<Share[]> = fc
  .uniqueArray(
    fc.record({
      payer: fc.constantFrom(
        'owner',
        'city',
        'home',
        'host',
        'headquarters',
        'enterprise',
        'discount',
        'co_payment',
      ),
      kind: fc.constantFrom('parts', 'amountFen'),
      size: fc.integer({ min: 1, max: 20_000 }),
      capFen: fc.option(fc.integer({ min: 0, max: 20_000 })),
    }),
    { minLength: 1, maxLength: 8, selector: ({ payer }) => payer },
  )
  .chain((shares) => fc.record({ shares: fc.constant(shares), bearer: fc.nat(shares.length - 1) }))
  .map(({ shares, bearer }) =>
    shares.map(({ payer, kind, size, capFen }, place) => {
      if (place === bearer) return { payer, parts: size };
      return { payer, [kind]: size, ...(capFen === null ? {} : { capFen }) };
    }),
  );

test('the shares of any use sum to its price, keep their caps, and are those of a naive division', async () => {
  const use = fc.record({
    funding: rule,
    priceFen: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 100_000_000 })),
    quantity: fc.integer({ min: 1, max: 100 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(use, { minLength: 50, maxLength: 50 }), async (uses) => {
      const answers = await split(uses);
      for (const [place, { funding, priceFen, quantity }] of uses.entries()) {
        const amounts = answers[place] ?? [];
        expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(priceFen * quantity);
        for (const [at, { capFen }] of funding.entries()) {
          expect(amounts[at]).toBeGreaterThanOrEqual(0);
          if (capFen !== undefined) expect(amounts[at]).toBeLessThanOrEqual(capFen * quantity);
        }
        expect(amounts).toEqual(divide(funding, priceFen, quantity));
      }
    }),
    { numRuns: 20 },
  );
});

test('an amount divided by any weights is neither more nor less, and nobody is more than a fen off', async () => {
  const weights = fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      weights,
      fc.integer({ min: 0, max: 10_000_000_000 }),
      async (parts, amount) => {
        const [row] = await sql<{ amounts: string[] }[]>`
        select split_by(${parts}::bigint[], ${amount}::bigint)::text[] as amounts`;
        const amounts = row?.amounts.map(Number) ?? [];
        expect(amounts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        expect(amounts).toEqual(divideBy(parts, amount));
      },
    ),
    { numRuns: 100 },
  );
});
