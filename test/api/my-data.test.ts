// Risk: a member is not told what is stored about him, or what he has deleted can still be read.
import { expect, test } from 'vitest';
import { sealPhone } from '../../api/members/personal-data.ts';
import { cellOfMember } from '../../api/members/member-id.ts';
import { testSecret } from '../support/app.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { giveIdNumber } from '../support/id-card.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city } = counter;
const desk = await openConsole(sql, counter);
const name = '金丝雀';
const label = '远房表叔';
const friend = '+8613911122233';

const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;

/** Every row of every table, as text; but the limits on codes, which forget a phone's hash by themselves in two days. */
async function everything(): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname = 'public' and tablename <> 'rate_window'`;
  const rows = await Promise.all(
    tables.map((table) =>
      sql.unsafe<{ row: string }[]>(`select t::text as row from ${table.name} t`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

test('he sees all of it, has it deleted with his membership, and the books still add up', async () => {
  const benefit = await city.addBenefit();
  const holder = await counter.addHolder({ name, tags: ['劳模'], bornOn: '1961-02-03' });
  const number = await giveIdNumber(sql, holder);
  const phoneCipher = await sealPhone(testSecret, friend);
  await sql`update member set phone_cipher = ${phoneCipher} where id = ${holder.id}`;
  const { phone } = holder;
  const { id: redemption } = await counter.redeem(holder, benefit);
  await expectStatus(phone.post('/api/me/proxies', { phone: friend, label }), 200);
  const printed = `/api/members/${holder.id}/printed-card`;
  await expectStatus(desk.at.home.put(printed, { reason: '备用' }), 200);

  const data = await expectStatus<Record<string, unknown>>(phone.get('/api/me/data'), 200);
  expect(data).toMatchObject({
    memberId: holder.id,
    name,
    phone: friend,
    idNumber: number,
    bornOn: '1961-02-03',
    tags: ['劳模'],
    affiliations: [{ endedAt: null }],
    cards: [{ kind: 'phone' }, { kind: 'printed' }],
    proxies: [{ label }],
    redemptions: [{ id: redemption }],
    deeds: [{ action: 'card.print', reason: '备用' }],
  });
  expect((data['sessions'] as unknown[]).length).toBeGreaterThan(0);

  const stored = await everything();
  const [row] = await sql<{ phoneHash: string }[]>`
    select phone_hash as "phoneHash" from member where id = ${holder.id}`;
  const traces = [name, label, '1961-02-03', '劳模', row?.phoneHash ?? 'none'];
  for (const trace of traces) expect(stored, trace).toContain(trace);

  expect(await code(phone.post('/api/me/erasure', { name: '金丝' }))).toBe('name_not_confirmed');
  await expectStatus(phone.post('/api/me/erasure', { name: ` ${name} ` }), 200);
  const left = await everything();
  for (const trace of traces) expect(left, trace).not.toContain(trace);
  expect(left).toContain(redemption);
  expect(await code(phone.get('/api/me/data'))).toBe('session_revoked');

  const cell = cellOfMember(holder.id);
  const [member] = await sql`
    select name, user_id, id_cipher, id_hash is not null as known, erased_at is not null as erased,
      (select count(*)::int from card c where c.member_id = m.id and c.status = 'live') as cards,
      (select count(*)::int from proxy p where p.member_id = m.id and p.ended_at is null) as proxies,
      (select end_reason from affiliation a where a.member_id = m.id) as why
    from member m where cell = ${cell} and id = ${holder.id}`;
  expect(member).toMatchObject({
    ...{ name: '＊', user_id: null, id_cipher: null, known: true, erased: true },
    ...{ cards: 0, proxies: 0, why: 'erased' },
  });
  expect(await desk.entries('member', holder.id)).toMatchObject([
    { action: 'card.print' },
    { action: 'member.erase', user_id: phone.userId },
  ]);
  const faults = await sql`select * from consistency()`;
  expect(faults).toEqual([]);
});

test('the last trace goes three years later, and not before', async () => {
  const member = await city.addMember();
  await giveIdNumber(sql, member);
  const traces = async () => {
    await sql`select forget_erased()`;
    const [row] = await sql<{ number: boolean; mark: boolean }[]>`
      select id_hash is not null as number, erased_mark is not null as mark
      from member where id = ${member.id}`;
    return row;
  };
  await sql`select erase_member(${member.cell}::smallint, ${member.id}::bigint)`;
  await sql`update member set erased_at = clock() - interval '3 years' + interval '1 minute'
    where id = ${member.id}`;
  expect(await traces()).toEqual({ number: true, mark: true });
  await sql`update member set erased_at = clock() - interval '3 years' - interval '1 minute'
    where id = ${member.id}`;
  expect(await traces()).toEqual({ number: false, mark: false });
});

test('who has left may do so too, and who also works here keeps the account for that', async () => {
  const gone = await counter.addHolder({ name: '离任者' });
  await sql`update affiliation set ended_at = clock() where member_id = ${gone.id}`;
  await expectStatus(gone.phone.get('/api/me/data'), 200);
  await expectStatus(gone.phone.post('/api/me/erasure', { name: '离任者' }), 200);

  const clerk = await counter.addHolder({ name: '双重人' });
  await sql`
    insert into operator (user_id, partner_id, role)
    values (${clerk.userId}, ${city.outlet.partner}, 'operator')`;
  await expectStatus(clerk.phone.post('/api/me/erasure', { name: '双重人' }), 200);
  const session = await expectStatus<{ member: unknown; posts: unknown[] }>(
    clerk.phone.get('/api/session'),
    200,
  );
  expect(session).toMatchObject({ member: null, posts: [{ role: 'operator' }] });
});

test('a session of his that was ended by itself reads and deletes nothing of him', async () => {
  const { phone } = await counter.addHolder({ name });
  const other = await desk.app.signInAs(phone.userId);
  await expectStatus(other.get('/api/me/data'), 200);
  await expectStatus(phone.request('DELETE', '/api/me/sessions'), 200);
  // Its signed cookie is still fresh.
  for (const answer of [other.get('/api/me/data'), other.post('/api/me/erasure', { name })])
    expect((await answer).status).toBe(401);
  await expectStatus(phone.get('/api/me/data'), 200);
});
