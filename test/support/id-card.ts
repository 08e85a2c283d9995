import { randomInt } from 'node:crypto';
import { idHash, sealId } from '../../api/members/personal-data.ts';
import type { Sql } from '../../db/client.ts';
import { testSecret } from './app.ts';
import { idNumberOf } from './roster.ts';

/** A number of an ID card with its right check digit, of nobody; among so many that a suite draws none twice. */
export function drawIdNumber(): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const born = `${1950 + randomInt(50)}${two(1 + randomInt(12))}${two(1 + randomInt(28))}`;
  return idNumberOf(randomInt(1000), born, `1101${two(1 + randomInt(19))}`);
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
