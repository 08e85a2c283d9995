import { afterEach, expect } from 'vitest';
import type { Sql } from '../../db/client.ts';

/** After every test of the file: redemptions, ledger and quota agree (I14). */
export function staysConsistent(sql: Sql): void {
  afterEach(async () => {
    expect(await sql`select * from consistency()`).toEqual([]);
  });
}
