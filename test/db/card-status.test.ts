// Risk: a card that was lost still works at a counter without a network, or the list of such cards grows for ever.
import { expect, test } from 'vitest';
import { buildCity, type Member } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const noon = new Date('2026-11-18T04:00:00Z');
const before = (minutes: number) => new Date(noon.getTime() - minutes * 60_000);
await setClock(sql, noon.toISOString());

const listed = async ({ card }: Member) => {
  const rows = await sql<{ number: number }[]>`
    select number from card_status(interval '130 minutes') number`;
  return rows.some(({ number }) => number === card);
};

test('a live card is not on the list', async () => {
  expect(await listed(await city.addMember())).toBe(false);
});

test.each([
  ['lost', 0, true],
  ['blocked', 129, true],
  ['replaced', 129, true],
  ['lost', 130, false],
])('a card that was %s %i minutes ago: %s', async (status, minutes, isListed) => {
  const member = await city.addMember();
  const at = before(minutes);
  await sql`update card set status = ${status}, ended_at = ${at} where number = ${member.card}`;
  expect(await listed(member)).toBe(isListed);
});

const leave = ({ id }: Member, minutes: number) =>
  sql`update affiliation set ended_at = ${before(minutes)} where member_id = ${id}`;

test.each([
  [129, true],
  [130, false],
])('the card of a member who left %i minutes ago: %s', async (minutes, isListed) => {
  const member = await city.addMember();
  await leave(member, minutes);
  expect(await listed(member)).toBe(isListed);
});

test('the card of a member who only moved to another union is not', async () => {
  const member = await city.addMember();
  await leave(member, 5);
  await sql`
    insert into affiliation (cell, member_id, union_id, started_at)
    values (${member.cell}, ${member.id}, ${city.unions.hostEnterprise}, ${before(5)})`;
  expect(await listed(member)).toBe(false);
});

test('each number is there once, in order', async () => {
  const member = await city.addMember();
  await leave(member, 5);
  const at = before(5);
  await sql`update card set status = 'lost', ended_at = ${at} where number = ${member.card}`;
  const rows = await sql<{ number: number }[]>`
    select number from card_status(interval '130 minutes') number`;
  const numbers = rows.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});
