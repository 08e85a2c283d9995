// Risk: a person counts twice, a card works after its holder left, a transfer gives or takes quota, or one union sees
// another's members.
import { uuidv7 } from 'uuidv7';
import { expect, test } from 'vitest';
import { agreeTransfers } from '../../api/members/transfer.ts';
import { phoneHash, sealPhone } from '../../api/members/personal-data.ts';
import { testSecret } from '../support/app.ts';
import type { Member } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { queued, race } from '../support/gate.ts';
import { answered, newPhone } from '../support/roster.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const console = await openConsole(sql, counter);
const { city, app } = counter;
const { home, host, homeEnterprise, hostEnterprise } = city.unions;
const { home: here, host: there, viewer } = console.at;

async function withPhone(member: Pick<Member, 'cell' | 'id'>): Promise<string> {
  const phone = newPhone();
  await sql`
    update member set phone_hash = ${await phoneHash(testSecret, `+86${phone}`)},
      phone_cipher = ${await sealPhone(testSecret, `+86${phone}`)}
    where cell = ${member.cell} and id = ${member.id}`;
  return phone;
}

const ask = async (phone: string, reason = '调动') =>
  there.post(`/api/unions/${hostEnterprise}/transfers`, { person: { phone }, reason });
const unionOf = async ({ cell, id }: Pick<Member, 'cell' | 'id'>) => {
  const rows = await sql<{ union: number }[]>`
    select union_id as union from affiliation where cell = ${cell} and member_id = ${id} and ended_at is null`;
  return rows.map(({ union }) => union);
};
const outcome = async (item: unknown): Promise<string> => {
  const [row] = await sql<
    { outcome: string }[]
  >`select outcome from redeem(${sql.json([item] as never)})`;
  return row?.outcome ?? '';
};

test('who leaves is refused at the next scan, and comes back as he was', async () => {
  const holder = await counter.addHolder();
  const shown = await passOf(holder);
  const left = here.post(`/api/members/${holder.id}/leave`, { reason: '离职' });
  expect(await answered(left)).toEqual({ id: holder.id, isMember: false });
  const refused = await counter.till.post('/api/scans', {
    pass: shown.url,
    outlet: city.outlet.id,
  });
  expect(await refused.json()).toMatchObject({ code: 'member_left' });
  const twice = await here.post(`/api/members/${holder.id}/leave`, { reason: '离职' });
  expect(await twice.json()).toMatchObject({ code: 'changed_meanwhile' });
  await answered(here.delete(`/api/members/${holder.id}/leave`, { reason: '弄错了' }));
  await counter.scan({ pass: shown.url });
  expect(await console.entries('member', holder.id)).toMatchObject([
    { action: 'member.leave', reason: '离职' },
    { action: 'member.return', reason: '弄错了' },
  ]);
});

test('a feed of leavers answers for each line, does nothing twice, and is taken back', async () => {
  const [one, foreign] = [
    await city.addMember(),
    await city.addMember({ enterprise: hostEnterprise }),
  ];
  const leavers = [
    { person: { phone: await withPhone(one) }, reason: '退休', on: '2026-01-31' },
    { person: { phone: await withPhone(foreign) }, reason: '退休' },
    { person: { phone: '12345' }, reason: '退休' },
    { person: { phone: newPhone() }, reason: '退休', on: '2099-01-01' },
  ];
  const path = `/api/unions/${home}/leavers`;
  const expected = { answers: ['done', 'person_unknown', 'number_invalid', 'not_yet'] };
  expect(await answered(here.post(path, { leavers }))).toEqual(expected);
  expect(await answered(here.post(path, { leavers }))).toEqual(expected);
  expect([await unionOf(one), await unionOf(foreign)]).toEqual([[], [hostEnterprise]]);
  expect(await console.entries('member', one.id)).toHaveLength(1);
  // Who had left for another reason is not this feed's to bring back.
  const other = { leavers: [{ ...leavers[0], reason: '离职' }] };
  expect(await answered(here.post(path, other))).toEqual({ answers: ['left_before'] });
  await answered(here.delete(path, { leavers: leavers.slice(0, 1) }));
  expect(await unionOf(one)).toEqual([homeEnterprise]);
});

test('a transfer neither loses nor doubles what was used, on both sides of it', async () => {
  const member = await city.addMember();
  const phone = await withPhone(member);
  const benefit = await city.addBenefit({ limit: [2, 'month'], pools: { [home]: 10, [host]: 10 } });
  expect(await outcome(city.item(member, benefit))).toBe('accepted');
  const { id } = await answered<{ id: number }>(ask(phone));
  expect(await (await ask(phone)).json()).toMatchObject({ code: 'transfer_asked' });

  // The asking union learns neither the name nor where he is; the other one knows both.
  const asks = await answered<{ asks: unknown[] }>(there.get(`/api/unions/${host}/transfers`));
  expect(asks.asks).toMatchObject([
    { id, from: null, canDecide: false, name: expect.stringMatching(/^.＊$/) as string },
  ]);
  const asked = await answered<{ asked: unknown[] }>(here.get(`/api/unions/${home}/transfers`));
  expect(asked.asked).toMatchObject([{ id, name: member.name, canDecide: true }]);
  expect(
    (await there.post(`/api/transfers/${id}/decision`, { isAgreed: true, reason: '我' })).status,
  ).toBe(404);

  // The decision and a use at the same instant: whichever comes first, both hold.
  const [, answer] = await race(
    sql,
    2,
    (tx) => tx`select from member where cell = ${member.cell} and id = ${member.id} for update`,
    () =>
      [
        here.post(`/api/transfers/${id}/decision`, { isAgreed: true, reason: '同意' }),
        outcome(city.item(member, benefit)),
      ] as Promise<unknown>[],
  );
  expect(answer).toBe('accepted');
  expect(await unionOf(member)).toEqual([hostEnterprise]);
  expect(await outcome(city.item(member, benefit))).toBe('limit_reached');
  const [spells] = await sql<{ gapless: boolean }[]>`
    select bool_and(next is null or next = ended_at) as gapless from (
      select ended_at, lead(started_at) over (order by started_at) as next
      from affiliation where cell = ${member.cell} and member_id = ${member.id}) s`;
  expect(spells?.gapless).toBe(true);
  const again = await here.post(`/api/transfers/${id}/decision`, {
    isAgreed: true,
    reason: '再来',
  });
  expect(await again.json()).toMatchObject({ code: 'changed_meanwhile' });
});

test('the member himself or a week of silence agrees; who declines stays', async () => {
  const holder = await counter.addHolder();
  const phone = await withPhone(holder);
  // The phone that is signed in keeps him; only the number he is looked up by was set.
  const first = await answered<{ id: number }>(ask(phone));
  const own = await answered<{ transfers: { id: number }[] }>(
    holder.phone.get('/api/me/transfers'),
  );
  expect(own.transfers).toMatchObject([{ id: first.id, to: { id: hostEnterprise } }]);
  await answered(holder.phone.post(`/api/me/transfers/${first.id}/decision`, { isAgreed: false }));
  expect(await unionOf(holder)).toEqual([homeEnterprise]);
  const [declined] = await sql<{ again: string }[]>`
    select iso(decided_at + interval '30 days') as again from affiliation_transfer where id = ${first.id}`;
  const soon = await ask(phone);
  expect([soon.status, await soon.json()]).toMatchObject([
    409,
    { code: 'transfer_declined', again: declined?.again },
  ]);
  await sql`update affiliation_transfer set decided_at = decided_at - interval '30 days'
    where id = ${first.id}`;
  const second = await answered<{ id: number }>(ask(phone));
  await answered(holder.phone.post(`/api/me/transfers/${second.id}/decision`, { isAgreed: true }));
  expect(await unionOf(holder)).toEqual([hostEnterprise]);

  const silent = await city.addMember();
  await answered(ask(await withPhone(silent)));
  expect(await agreeTransfers(app.services)).toBe(0);
  await sql`update affiliation_transfer set agrees_at = clock() where state = 'open'`;
  expect(await agreeTransfers(app.services)).toBe(1);
  expect(await unionOf(silent)).toEqual([hostEnterprise]);
  expect(await (await ask(newPhone())).json()).toMatchObject({ code: 'person_unknown' });
});

test('what a member is called elsewhere is not the former union’s to read', async () => {
  const member = await city.addMember();
  const { id } = await answered<{ id: number }>(ask(await withPhone(member)));
  const roster = uuidv7();
  await sql`
    insert into member_import (id, union_id, user_id, file_name, bytes, state, created_at)
    values (${roster}, ${home}, ${here.userId}, 'x.csv', 1, 'done', clock())`;
  await sql`
    insert into member_import_leaver (import_id, member_id, union_id, ended_at)
    values (${roster}, ${member.id}, ${homeEnterprise}, clock())`;
  const read = async () =>
    Promise.all(
      [`/api/unions/${home}/transfers`, `/api/imports/${roster}/people?group=leaving`].map(
        async (path) => (await here.get(path)).text(),
      ),
    );
  for (const text of await read()) expect(text).toContain(member.name);
  await answered(here.post(`/api/transfers/${id}/decision`, { isAgreed: true, reason: '同意' }));
  await sql`update member set name = '新名字' where cell = ${member.cell} and id = ${member.id}`;
  for (const text of await read()) {
    expect(text).not.toContain('新名字');
    expect(text).toContain('新＊');
  }
});

test('a union that was declined by the former one may ask again, and one whom the member is just declining may not', async () => {
  const holder = await counter.addHolder();
  const phone = await withPhone(holder);
  const first = await answered<{ id: number }>(ask(phone));
  await answered(
    here.post(`/api/transfers/${first.id}/decision`, { isAgreed: false, reason: '在职' }),
  );
  const { id } = await answered<{ id: number }>(ask(phone));
  // He has declined, but that is not written to the end when the union asks again.
  const [, again] = await race(
    sql,
    2,
    (tx) => tx`lock table audit_entry in share mode`,
    () => [
      holder.phone.post(`/api/me/transfers/${id}/decision`, { isAgreed: false }),
      queued(sql, 1).then(() => ask(phone)),
    ],
  );
  expect(await again?.json()).toMatchObject({ code: 'transfer_declined' });
  const [row] = await sql`
    select count(*)::int as open from affiliation_transfer
    where member_id = ${holder.id} and state = 'open'`;
  expect(row).toEqual({ open: 0 });
});

test('who asks for number after number is stopped, and learns nothing more', async () => {
  const key = `transfers of ${there.userId}`;
  const phone = await withPhone(await city.addMember());
  await sql`delete from rate_window where key = ${key}`;
  const unknown = await ask(newPhone());
  expect(await unknown.json()).toMatchObject({ code: 'person_unknown' });
  // What was refused counts as well.
  expect(await sql`select count from rate_window where key = ${key}`).toEqual([{ count: 1 }]);
  await sql`update rate_window set count = 30 where key = ${key}`;
  for (const number of [phone, newPhone()]) {
    const stopped = await ask(number);
    expect([stopped.status, await stopped.json()]).toMatchObject([
      429,
      { code: 'too_many_transfers' },
    ]);
    expect(Number(stopped.headers.get('Retry-After'))).toBeGreaterThan(3500);
  }
  await sql`update rate_window set ends_at = clock() where key = ${key}`;
  await answered(ask(phone));
});

test('who asked by mistake takes it back, and then silence agrees to nothing', async () => {
  const member = await city.addMember();
  const { id } = await answered<{ id: number }>(ask(await withPhone(member)));
  const listed = async () =>
    (
      await answered<{ asks: { id: number; state: string; canWithdraw: boolean }[] }>(
        there.get(`/api/unions/${host}/transfers`),
      )
    ).asks.find((one) => one.id === id);
  expect(await listed()).toMatchObject({ state: 'open', canWithdraw: true });
  const path = `/api/transfers/${id}`;
  expect((await here.delete(path, { reason: '不是我们的' })).status).toBe(404);
  await answered(there.delete(path, { reason: '号码写错了' }));
  expect(await listed()).toMatchObject({ state: 'void', canWithdraw: false });
  await sql`update affiliation_transfer set agrees_at = clock() where id = ${id}`;
  await agreeTransfers(app.services);
  expect(await unionOf(member)).toEqual([homeEnterprise]);
  const again = await there.delete(path, { reason: '再来' });
  expect(await again.json()).toMatchObject({ code: 'changed_meanwhile' });
});

test('a union finds its own members by name and number, page by page, and nobody of another', async () => {
  const names = ['寻一', '寻二', '寻三'];
  const own = await Promise.all(names.map((name) => city.addMember({ name })));
  const foreign = await city.addMember({ name: '寻外', enterprise: hostEnterprise });
  const foreignPhone = await withPhone(foreign);
  const [first] = own;
  if (!first) throw new Error('There is no member.');
  const phone = await withPhone(first);
  type Page = { members: { name: string; phone: string | null }[]; next: unknown };
  const find = (browser: typeof here, body: unknown, union = home) =>
    answered<Page>(browser.post(`/api/unions/${union}/members/search`, body));

  const page = await find(here, { name: '寻', limit: 2 });
  const rest = await find(here, { name: '寻', limit: 2, after: page.next });
  expect([...page.members, ...rest.members].map(({ name }) => name)).toEqual(names.toSorted());
  expect(rest.next).toBe(null);
  expect((await find(here, { name: '%' })).members).toEqual([]);
  expect((await find(here, { person: { phone } })).members).toMatchObject([
    { name: '寻一', phone: `${phone.slice(0, 3)} **** ${phone.slice(-4)}` },
  ]);
  expect((await find(here, { person: { phone: foreignPhone } })).members).toEqual([]);
  const whole: string[] = [];
  for (let after: unknown; ;) {
    const { members, next } = await find(here, { limit: 3, ...(after !== undefined && { after }) });
    whole.push(...members.map(({ name }) => name));
    if (next === null) break;
    after = next;
  }
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from affiliation where union_id = ${homeEnterprise} and ended_at is null`;
  expect(whole).toHaveLength(row?.count ?? 0);
  // To look at figures is not to look at people.
  const looked = await viewer.post(`/api/unions/${home}/members/search`, {});
  expect(looked.status).toBe(404);
  expect((await there.get(`/api/members/${first.id}`)).status).toBe(404);
  expect(app.logged.join('')).not.toContain(phone);
});
