import { randomInt } from 'node:crypto';
import { idHash, sealId } from '../../api/members/personal-data.ts';
import type { Sql } from '../../db/client.ts';
import { testSecret } from './app.ts';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checks = '10X98765432';

/** A number of an ID card with its right check digit, of nobody; of so many that no two are drawn alike. */
export function drawIdNumber(): string {
  const digits = (below: number, length: number) => String(randomInt(below)).padStart(length, '0');
  const place = `11010${1 + randomInt(9)}`;
  const day = `${1950 + randomInt(50)}0${1 + randomInt(9)}${10 + randomInt(19)}`;
  const body = `${place}${day}${digits(1000, 3)}`;
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
