// Risk: who has had his data deleted, or has left, and is taken in by a file, begins with fresh limits, is taken for
// somebody else, or is not again what he was when that file is undone.
import { expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { buildCity, cardIn, type Member } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { answered, file, idNumberOf, newPhone, RosterDesk } from '../support/roster.ts';

const { sql } = await createDatabase();
const app = createApp(sql);
const city = await buildCity(sql);
const console = await openConsole(sql, { app, city });
const { home, host, homeEnterprise, hostEnterprise } = city.unions;
const { home: here, host: there } = console.at;
const desk = new RosterDesk(app, here, home);
const desks = { [home]: desk, [host]: new RosterDesk(app, there, host) };
const head = '姓名,手机号,身份证号,单位工会';

const nameOf = async (union: number) => {
  const [row] = await sql<{ name: string }[]>`
    select name_zh as name from trade_union where id = ${union}`;
  return row?.name ?? '';
};
const units = { [home]: await nameOf(homeEnterprise), [host]: await nameOf(hostEnterprise) };
const benefit = await city.addBenefit({ limit: [1, 'total'] });

const line = (name: string, phone: string, idNumber = '', union = home) =>
  `${name},${phone},${idNumber},${units[union] ?? ''}`;
const check = (union: number, ...lines: string[]) =>
  (desks[union] ?? desk).check(file(head, ...lines));
const take = async (union: number, ...lines: string[]) => {
  const { id } = await check(union, ...lines);
  return (desks[union] ?? desk).commit(id);
};

/** Who bears this name now, with a card of his. */
async function holderOf(name: string): Promise<Member> {
  const [row] = await sql<{ cell: number; id: number }[]>`
    select cell, id from member where name = ${name}`;
  if (!row) throw new Error(`There is no ${name}.`);
  const card = cardIn(row.cell);
  await sql`
    insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at)
    values (${row.cell}, ${card}, ${row.id}, '', '', clock())`;
  return { ...row, card, userId: '', name, phoneHash: '' };
}

const use = async (member: Member): Promise<string> => {
  const [row] = await sql<{ outcome: string }[]>`
    select outcome from redeem(${sql.json([city.item(member, benefit)])})`;
  return row?.outcome ?? '';
};
const erase = ({ cell, id }: Pick<Member, 'cell' | 'id'>) =>
  sql`select erase_member(${cell}::smallint, ${id}::bigint)`;

test('who has had his data deleted and comes by a file without his ID number goes on with his limits', async () => {
  for (const [name, before] of [
    ['无证', ''],
    ['有证', idNumberOf(1)],
  ] as const) {
    const phone = newPhone();
    await take(home, line(name, phone, before));
    const was = await holderOf(name);
    expect(await use(was)).toBe('accepted');
    await erase(was);
    expect(await take(host, line(name, phone, '', host))).toMatchObject({ counts: { new: 1 } });
    const now = await holderOf(name);
    expect([name, now.id, await use(now)]).toEqual([name, was.id, 'limit_reached']);
    // His number, which nobody could read any more, is on file again when a file names it.
    const named = await take(host, line(name, phone, before || idNumberOf(9), host));
    expect(named).toMatchObject({ counts: { changed: 1 } });
    const { hasIdNumber } = await answered<{ hasIdNumber: boolean }>(
      there.get(`/api/members/${was.id}`),
    );
    expect(hasIdNumber).toBe(true);
  }
});

test('also by a dry run of before, and not by the number alone, which may be given out anew', async () => {
  const phone = newPhone();
  const stale = await check(host, line('先来', phone, '', host));
  await take(home, line('先来', phone));
  const was = await holderOf('先来');
  expect(await use(was)).toBe('accepted');
  await erase(was);
  await desks[host]?.commit(stale.id);
  expect(await desks[host]?.rejected(stale.id)).toEqual([[2, 'changed_meanwhile']]);

  await take(home, line('后来', phone));
  const stranger = await holderOf('后来');
  expect(stranger.id).not.toBe(was.id);
  expect(await use(stranger)).toBe('accepted');
});

test('of one name and number, but of another ID card, is somebody else; three years later everybody is', async () => {
  const phone = newPhone();
  await take(home, line('同名', phone, idNumberOf(2)));
  const was = await holderOf('同名');
  await erase(was);
  const other = await take(home, line('同名', phone, idNumberOf(3)));
  expect(other).toMatchObject({ counts: { new: 1 } });
  const stranger = await holderOf('同名');
  expect(stranger.id).not.toBe(was.id);
  await erase(stranger);

  await sql`update member set erased_at = clock() - interval '3 years 1 minute'
    where id in (${was.id}, ${stranger.id})`;
  await sql`select forget_erased()`;
  await take(home, line('同名', phone));
  expect([was.id, stranger.id]).not.toContain((await holderOf('同名')).id);
});

test('an undo forgets him again, and the next file knows him again', async () => {
  const phone = newPhone();
  await take(home, line('来去', phone));
  const was = await holderOf('来去');
  await erase(was);
  const before = await stateOf(was);
  const back = await take(home, line('来去', phone));
  expect(await stateOf(was)).not.toEqual(before);
  await desk.undo(back.id);
  expect(await stateOf(was)).toEqual(before);
  const again = await take(home, line('来去', phone));
  expect((await holderOf('来去')).id).toBe(was.id);
  // By now he has a card: he wants to be a member.
  expect(await desk.undo(again.id)).toMatchObject({ counts: { undone: 0, notUndone: 1 } });
});

async function stateOf({ cell, id }: Pick<Member, 'cell' | 'id'>) {
  const [row] = await sql`
    select to_jsonb(m) as member, (
      select jsonb_agg(to_jsonb(a) order by a.started_at) from affiliation a
      where a.cell = m.cell and a.member_id = m.id) as affiliations
    from member m where m.cell = ${cell} and m.id = ${id}`;
  return row;
}

test('a leaver whom another union’s file had taken in is his former union’s again when it is undone', async () => {
  const phone = newPhone();
  const row = line('离任', phone, idNumberOf(4), host);
  await take(home, line('离任', phone, idNumberOf(4)));
  const [member] = await sql<{ cell: number; id: number }[]>`
    select cell, id from member where name = '离任'`;
  if (!member) throw new Error('He is not there.');
  await answered(here.post(`/api/members/${member.id}/leave`, { reason: '离职' }));
  const before = await stateOf(member);
  const seen = async () => [
    (await here.get(`/api/members/${member.id}`)).status,
    (await there.get(`/api/members/${member.id}`)).status,
  ];

  // Without a card nothing can have hung on it, and it is as if it had not been.
  const first = await take(host, row);
  expect(await seen()).toEqual([404, 200]);
  await desks[host]?.undo(first.id);
  expect([await stateOf(member), await seen()]).toEqual([before, [200, 404]]);

  // With one it was worth something until now: phones without a network must hear that it ended.
  const { card } = await holderOf('离任');
  const second = await take(host, row);
  await desks[host]?.undo(second.id);
  expect(await seen()).toEqual([200, 404]);
  const refused = await sql<{ number: number }[]>`
    select card_status::float8 as number from card_status('2 hours')`;
  expect(refused.map(({ number }) => number)).toContain(card);
  const undo = await there.delete(`/api/members/${member.id}/leave`, { reason: '回来' });
  expect(undo.status).toBe(404);
  await answered(here.delete(`/api/members/${member.id}/leave`, { reason: '弄错了' }));
  const [union] = await sql`
    select union_id from affiliation where member_id = ${member.id} and ended_at is null`;
  expect(union).toEqual({ union_id: homeEnterprise });
});
