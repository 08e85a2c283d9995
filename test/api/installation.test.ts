// Risk: a new installation that nobody can get into, or a roster that half of was taken in.
import { expect, test } from 'vitest';
import { importRoster } from '../../api/members/import.ts';
import { openPhone, phoneHash } from '../../api/members/personal-data.ts';
import { missingColumns, readRoster } from '../../api/members/roster.ts';
import { appoint } from '../../api/unions/appoint.ts';
import { foundCity } from '../../api/unions/found-city.ts';
import { orm } from '../../db/client.ts';
import { districts } from '../../db/seed/districts.ts';
import { createApp, testSecret } from '../support/app.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const db = orm(sql);
const phone = '+8613800138000';

function record(changes: Record<string, string> = {}): Record<string, string> {
  const plain = { 姓名: '王一', 手机号: '13900000001', 区: '110105', 单位工会: '甲公司工会' };
  return { ...plain, 上级工会: '', 出生日期: '', 标签: '', ...changes };
}

async function count(table: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`;
  return row?.n ?? -1;
}

test('an empty installation gets the city and its sixteen districts, once', async () => {
  expect(await foundCity(sql, districts)).toBe(true);
  expect(await foundCity(sql, districts)).toBe(false);
  expect(await count('trade_union')).toBe(17);
});

test('the appointed administrator signs in with that phone, and has the office after the second factor', async () => {
  const hash = await phoneHash(testSecret, phone);
  expect(await appoint(db, { phoneHash: hash, union: null })).toBe('北京市总工会');
  expect(await appoint(db, { phoneHash: hash, union: null })).toBe('北京市总工会');
  expect(await appoint(db, { phoneHash: hash, union: '110101' })).toBe('东城区总工会');
  expect(await appoint(db, { phoneHash: hash, union: 'nowhere' })).toBe(null);
  expect(await count('officer')).toBe(2);
  expect(await sql`select from audit_entry where action = 'administrator.create'`).toHaveLength(3);

  const administrator = await createApp(sql).signIn(phone, { secondFactor: true });
  const response = await administrator.get('/api/session');
  expect(await response.json()).toMatchObject({
    secondFactor: 'passed',
    offices: expect.arrayContaining([expect.objectContaining({ role: 'administrator' })]),
  });
});

test('the command is the way back in for one whose time is over or who was suspended', async () => {
  const hash = await phoneHash(testSecret, phone);
  const administrator = await createApp(sql).signIn(phone, { secondFactor: true });
  const union = async () => (await administrator.get('/api/unions?levelMax=1')).status;
  for (const end of [
    () => sql`update officer set starts_at = '2020-01-01Z', ends_at = clock()`,
    () => sql`update officer set suspended_at = clock()`,
  ]) {
    await end();
    expect(await union()).toBe(404);
    await appoint(db, { phoneHash: hash, union: null });
    expect(await union()).toBe(200);
  }
});

test('a roster makes members in their unions, and taken in again changes nothing', async () => {
  const { rows, complaints } = readRoster([
    record({ 标签: '劳模；亲子', 出生日期: '1990-05-01' }),
    record({ 姓名: '', 手机号: '', 区: '', 单位工会: '' }),
    record({ 手机号: '+86 139-0000-0002', 区: '朝阳区' }),
    record({ 手机号: '13900000003', 单位工会: '乙公司工会', 区: '东城区' }),
  ]);
  expect(complaints).toEqual([]);
  expect(await importRoster(db, testSecret, rows)).toEqual({
    members: 3,
    known: 0,
    enterprises: 2,
  });
  expect(await importRoster(db, testSecret, rows)).toEqual({
    members: 0,
    known: 3,
    enterprises: 0,
  });
  const people = await sql<{ cipher: Uint8Array; tags: string[]; district: string }[]>`
    select m.phone_cipher as cipher, m.tags, d.district_code as district
    from member m join affiliation a on a.member_id = m.id and a.ended_at is null
    join trade_union u on u.id = a.union_id join trade_union d on d.id = u.district_id
    order by d.district_code, cardinality(m.tags)`;
  expect(people.map(({ district }) => district)).toEqual(['110101', '110105', '110105']);
  expect(people[2]?.tags).toEqual(['劳模', '亲子']);
  expect(await openPhone(testSecret, people[2]?.cipher ?? new Uint8Array())).toBe('+8613900000001');
});

test('every fault of a roster is named by row and column, never by content', () => {
  const bad: [Record<string, string>, string][] = [
    [{ 姓名: '' }, '姓名'],
    [{ 姓名: '长'.repeat(51) }, '姓名'],
    [{ 姓名: '王\u202e一' }, '姓名'],
    [{ 手机号: '12345' }, '手机号'],
    [{ 手机号: '+14155550100' }, '手机号'],
    [{ 出生日期: '2026-02-30' }, '出生日期'],
    [{ 出生日期: '9999-01-01' }, '出生日期'],
    [{ 标签: Array(11).fill('甲').join(';') }, '标签'],
  ];
  const { rows, complaints } = readRoster(bad.map(([changes]) => record(changes)));
  expect(rows).toEqual([]);
  expect(complaints.map(({ row, column }) => [row, column])).toEqual(
    bad.map(([, column], i) => [i + 2, column]),
  );
  for (const [changes] of bad) {
    const content = Object.values(changes).filter((text) => text !== '');
    for (const text of content) expect(JSON.stringify(complaints)).not.toContain(text);
  }
  const twice = readRoster([record(), record({ 姓名: '李二' })]);
  expect(twice.complaints).toMatchObject([{ row: 3, column: '手机号' }]);
  expect(missingColumns(['姓名', 'Phone', '区'])).toEqual(['单位工会']);
});

test('a row that belongs nowhere refuses the whole roster, in the database too', async () => {
  const before = [await count('member'), await count('trade_union')];
  const { rows } = readRoster([
    record({ 手机号: '13900000011', 单位工会: '丙公司工会' }),
    record({ 手机号: '13900000012', 区: '上海' }),
    record({ 手机号: '13900000013', 上级工会: '没有的街道工会' }),
  ]);
  expect(await importRoster(db, testSecret, rows)).toMatchObject([
    { row: 3, column: '区' },
    { row: 4, column: '上级工会' },
  ]);
  expect([await count('member'), await count('trade_union')]).toEqual(before);
});
