import { randomInt } from 'node:crypto';
import { idHash, sealId } from '../../api/members/personal-data.ts';
import type { Sql } from '../../db/client.ts';
import { testSecret } from './app.ts';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checks = '10X98765432';

/** A number of an ID card with its right check digit, of nobody. */
export function drawIdNumber(): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const born = `${1950 + randomInt(50)}${two(1 + randomInt(12))}${two(1 + randomInt(28))}`;
  const body = `110101${born}${String(randomInt(1000)).padStart(3, '0')}`;
  const sum = [...body].reduce((all, digit, i) => all + Number(digit) * (weights[i] ?? 0), 0);
  return body + checks.charAt(sum % 11);
}

/** Puts a member's ID card on file; its number. */
export async function giveIdNumber(
  sql: Sql,
  { cell, id }: { cell: number; id: number },
  number = drawIdNumber(),
): Promise<string> {
  await sql`
    update member set id_hash = ${await idHash(testSecret, number)},
      id_cipher = ${await sealId(testSecret, number)}
    where cell = ${cell} and id = ${id}`;
  return number;
}
