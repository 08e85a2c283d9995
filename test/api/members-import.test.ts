// Risk: a file of members is read wrongly, takes in whom it must not, does half of it, or cannot be taken back.
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { writeXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { partBytes } from '../../api/imports/files.ts';
import { asCsv } from '../../api/imports/workbook.ts';
import { webBulk } from '../../api/members/bulk.ts';
import { openId, openPhone } from '../../api/members/personal-data.ts';
import { nodeBulk } from '../../api/node/bulk.ts';
import { bringForward } from '../../api/imports/work.ts';
import { createApp, testSecret } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { answered, file, gb18030, idNumberOf, newPhone, RosterDesk } from '../support/roster.ts';

const { sql } = await createDatabase();
const app = createApp(sql);
Object.assign(app.services, { bulk: nodeBulk(testSecret) });
const city = await buildCity(sql);
const console = await openConsole(sql, { app, city });
const { home, host, homeEnterprise, hostEnterprise } = city.unions;
const desk = new RosterDesk(app, console.at.home, home);

const nameOf = async (union: number) => {
  const [row] = await sql<
    { name: string }[]
  >`select name_zh as name from trade_union where id = ${union}`;
  return row?.name ?? '';
};
const unit = await nameOf(homeEnterprise);
const foreignUnit = await nameOf(hostEnterprise);
const head = '姓名,手机号,身份证号,单位工会,标签,家庭人数';

const people = () => sql<
  { name: string; tags: string[]; size: number; born: string; union: number | null }[]
>`
  select m.name, m.tags, m.family_size as size, m.born_on as born, a.union_id as union
  from member m left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  order by m.name collate "C"`;

test('every fault of a row is named, and the good rows are taken in', async () => {
  const phone = newPhone();
  const elsewhere = newPhone();
  const there = new RosterDesk(app, console.at.host, host);
  const made = await there.check(
    file(head, `外区,${elsewhere},${idNumberOf(900)},${foreignUnit},,`),
  );
  await there.commit(made.id);

  const lower =
    Array.from({ length: 999 }, (_, i) => idNumberOf(i)).find((id) => id.endsWith('X')) ?? '';
  const view = await desk.check(
    file(
      head,
      `王一,${phone},${lower.toLowerCase()},${unit},劳模；亲子,4`, // 2
      `,${newPhone()},,${unit},,`, // 3
      `李二,,,${unit},,`, // 4
      `李三,12345,,${unit},,`, // 5
      `李四,,110101199002300011,${unit},,`, // 6
      `李五,,${idNumberOf(11).slice(0, 17)}${idNumberOf(11).endsWith('1') ? '2' : '1'},${unit},,`, // 7
      `李六,${newPhone()},,没有的工会,,`, // 8
      `李七,${newPhone()},,${foreignUnit},,`, // 9
      `李八,${newPhone()},,,,`, // 10
      `李九,${newPhone()},,${unit},,21`, // 11
      `李十,${phone},,${unit},,`, // 12
      `外区,${elsewhere},,${unit},,`, // 13
      `外区,,${idNumberOf(900)},${unit},,`, // 14
      `外区,${elsewhere},${idNumberOf(901)},${unit},,`, // 15
      '短', // 16
      `"李,""十一""",${newPhone()},,"${unit}","标签
x",`, // 17: a tag with a line end
    ),
  );
  expect(view).toMatchObject({ state: 'checked', counts: { new: 1, rejected: 15 } });
  expect(await desk.rejected(view.id)).toEqual([
    [3, 'name_invalid'],
    [4, 'identity_missing'],
    [5, 'phone_invalid'],
    [6, 'id_number_invalid'],
    [7, 'id_number_check_digit'],
    [8, 'unit_unknown'],
    [9, 'unit_unknown'],
    [10, 'unit_missing'],
    [11, 'family_invalid'],
    [12, 'duplicate_in_file'],
    [13, 'member_elsewhere'],
    [14, 'member_elsewhere'],
    [15, 'id_number_differs'],
    [16, 'row_malformed'],
    [17, 'tags_invalid'],
  ]);
  // Its own faults alone are in the file, with a reason each.
  const rejected = await console.at.home.get(`/api/imports/${view.id}/rejected.csv?language=en`);
  const text = await rejected.text();
  expect(text.split('\r\n')[1]).toContain('The name must have 1 to 50 characters');
  expect(text).not.toContain('王一');
  expect(text).toContain('"李,""十一"""');

  const before = await people();
  expect(before.map(({ name }) => name)).toEqual(['外区']);
  await desk.commit(view.id);
  expect(await people()).toMatchObject([
    { name: '外区', union: hostEnterprise },
    { name: '王一', tags: ['劳模', '亲子'], size: 4, born: '1990-05-01', union: homeEnterprise },
  ]);
  const [sealed] = await sql<{ phone: Uint8Array; number: Uint8Array }[]>`
    select phone_cipher as phone, id_cipher as number from member where name = '王一'`;
  expect(await openPhone(testSecret, sealed?.phone ?? new Uint8Array())).toBe(`+86${phone}`);
  expect(await openId(testSecret, sealed?.number ?? new Uint8Array())).toBe(lower);
  expect(await console.entries('union', home)).toMatchObject([{ action: 'members.import' }]);
  // What was rejected by its faults is nowhere in plain text: neither in the database nor in the log.
  const [{ kept } = { kept: '' }] = await sql<{ kept: string }[]>`
    select string_agg(r::text, '') as kept from member_import_row r`;
  for (const plain of [phone, elsewhere, lower]) {
    expect(kept).not.toContain(plain);
    expect(app.logged.join('')).not.toContain(plain);
  }
});

test('whoever had his data deleted is a member again by a file that names him, and an undo forgets him again', async () => {
  const idNumber = idNumberOf(300);
  const first = await desk.check(file(head, `走了,${newPhone()},${idNumber},${unit},亲子,`));
  await desk.commit(first.id);
  await sql`select erase_member(cell, id) from member where name = '走了'`;
  const again = await desk.check(file(head, `回来,${newPhone()},${idNumber},${unit},,`));
  expect(again.counts).toEqual({
    new: 1,
    changed: 0,
    unchanged: 0,
    rejected: 0,
    leaving: 0,
    kept: 0,
  });
  await desk.commit(again.id);
  const back = await sql<{ cipher: Uint8Array; isErased: boolean }[]>`
    select id_cipher as cipher, erased_at is not null as "isErased" from member where name = '回来'`;
  expect(back).toMatchObject([{ isErased: false }]);
  expect(await openId(testSecret, back[0]?.cipher ?? new Uint8Array())).toBe(idNumber);
  await desk.undo(again.id);
  const [now] = await sql`
    select name, phone_hash is null as "hasNoPhone", id_cipher is null as "hasNoNumber",
      erased_at is not null as "isErased"
    from member where name in ('回来', '＊')`;
  expect(now).toEqual({ name: '＊', hasNoPhone: true, hasNoNumber: true, isErased: true });
});

test('whom an undo does not bring back is named with its figures, and of elsewhere only masked', async () => {
  await sql`update affiliation set ended_at = clock() where ended_at is null`;
  const stays = [newPhone(), newPhone(), newPhone()];
  const first = await desk.check(
    file(head, ...stays.map((phone, i) => `走${i},${phone},${idNumberOf(300 + i)},${unit},,`)),
  );
  await desk.commit(first.id);
  const checked = await desk.check(file(head, `走0,${stays[0]},,${unit},,`), true);
  await desk.commit(checked.id);
  await sql`
    insert into affiliation (cell, member_id, union_id, started_at)
    select cell, id, ${hostEnterprise}, clock() from member where name = '走1'`;
  const counts = { undone: 1, notUndone: 1, notBack: 1 };
  expect(await desk.undo(checked.id)).toMatchObject({ state: 'undone', counts });
  const listed = await console.at.home.get(`/api/imports/${checked.id}/people?group=leaving`);
  expect(await listed.json()).toMatchObject({
    people: [{ name: '走＊', undone: 'changed_since' }],
    next: null,
  });
  const kept = await console.at.home.get(`/api/imports/${checked.id}/not-undone.csv`);
  expect(await kept.text()).toMatch(
    /^行号,姓名,单位工会,未撤销原因\r\n,走＊,[^,]+,之后又被修改\r\n$/,
  );
  const early = await console.at.home.get(`/api/imports/${first.id}/not-undone.csv`);
  expect(await early.json()).toMatchObject({ code: 'import_at_another_step' });
  expect((await people()).filter(({ name }) => name === '走2')).toMatchObject([
    { union: homeEnterprise },
  ]);
});

test('a complete file changes, moves and lets go; an undo takes all of it back but what was used', async () => {
  await sql`update affiliation set ended_at = clock() where ended_at is null`;
  const other = await otherUnit();
  const stays = [newPhone(), newPhone(), newPhone(), newPhone()];
  const first = await desk.check(
    file(head, ...stays.map((phone, i) => `旧${i},${phone},${idNumberOf(100 + i)},${unit},,`)),
  );
  await desk.commit(first.id);
  const used = newPhone();
  const complete = file(
    head,
    `旧0,${stays[0]},,${unit},,`, // unchanged
    `新名,${newPhone()},${idNumberOf(101)},${other.name},青工,2`, // another phone, unit, name
    `旧3,,,${unit},,`, // unreadable: 旧3 is kept
    `新人,${newPhone()},,${unit},,`,
    `用过,${used},,${unit},,`,
  );
  const checked = await desk.check(complete, true);
  expect(checked.counts).toEqual({
    new: 2,
    changed: 1,
    unchanged: 1,
    rejected: 1,
    leaving: 1,
    kept: 1,
  });
  const before = await people();
  const done = await desk.commit(checked.id);
  expect(done).toMatchObject({ state: 'done', counts: { new: 2, changed: 1, leaving: 1 } });
  // Sent again it is answered the same, and does nothing.
  expect(await desk.commit(checked.id)).toMatchObject({ state: 'done' });
  expect((await people()).filter(({ union }) => union !== null)).toMatchObject([
    { name: '新人', union: homeEnterprise },
    { name: '新名', union: other.id, tags: ['青工'], size: 2 },
    { name: '旧0' },
    { name: '旧3' },
    { name: '用过' },
  ]);
  const [who] = await sql<
    { cell: number; id: number }[]
  >`select cell, id from member where name = '用过'`;
  await sql`
    insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at)
    values (${who?.cell ?? 0}, ${(who?.cell ?? 0) * 2 ** 34 + 5}, ${who?.id ?? 0}, '', '', clock())`;

  const undone = await desk.undo(checked.id);
  expect(undone).toMatchObject({ state: 'undone', counts: { undone: 3, notUndone: 1 } });
  expect((await people()).filter(({ name }) => name !== '用过')).toEqual(before);
  expect(
    await sql`select undone from member_import_row where import_id = ${checked.id} and undone <> 'undone'`,
  ).toEqual([{ undone: 'has_card' }]);

  // The same file anew does the same again.
  const again = await desk.check(complete, true);
  expect(again.counts).toMatchObject({ new: 1, changed: 1, unchanged: 2, leaving: 1 });
  await sql`update member_import set done_at = done_at - interval '25 hours' where id = ${first.id}`;
  const late = await console.at.home.post(`/api/imports/${first.id}/undo`, { reason: '晚了' });
  expect(await late.json()).toMatchObject({ code: 'undo_too_late' });
});

async function otherUnit() {
  const name = `另一单位 ${newPhone()}`;
  const [row] = await sql<{ id: number }[]>`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    values (${home}, 'enterprise', 4, ${name}, ${name}) returning id`;
  return { id: row?.id ?? 0, name };
}

test('every writing of the same table is read the same', async () => {
  const rows = [
    ['姓名', '手机号', '单位工会', '备注'],
    ['赵一', newPhone(), unit, '他说："好"\n第二行'],
    ['钱二', newPhone(), unit, ''],
  ];
  const text = (delimiter: string, end: string) =>
    rows
      .map((cells) =>
        cells
          .map((cell) => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
          .join(delimiter),
      )
      .join(end) + end;
  const gb = gb18030(text(',', '\r\n'));
  const workbook = await writeXlsx({ sheets: [{ name: '会员', rows }] });
  const files: [string, Uint8Array][] = [
    ['UTF-8', Buffer.from(text(',', '\n'))],
    ['with a mark', Buffer.from(`\uFEFF${text(';', '\r\n')}`)],
    ['tabs', Buffer.from(text('\t', '\r'))],
    ['GB18030', gb],
    ['no line at the end', Buffer.from(text(',', '\n').trimEnd())],
    ['XLSX', workbook],
  ];
  for (const [name, bytes] of files) {
    const view = await desk.upload(bytes);
    expect(view.table?.samples[0], name).toEqual(rows[1]);
    const checked = await desk.check(bytes);
    expect([name, checked.counts]).toEqual([
      name,
      expect.objectContaining({ new: 2, rejected: 0 }),
    ]);
    await answered(console.at.home.delete(`/api/imports/${view.id}`, {}));
    await answered(console.at.home.delete(`/api/imports/${checked.id}`, {}));
  }
});

test('what is no table is refused with a word, and nothing stays half read', async () => {
  const refused = async (bytes: Uint8Array) => {
    const thrown = await desk.upload(bytes).then(
      () => '200',
      (error: Error) => error.message,
    );
    return /"code":"(\w+)"/.exec(thrown)?.[1] ?? thrown;
  };
  const workbook = await writeXlsx({ sheets: [{ name: 'x', rows: [['姓名', '手机号']] }] });
  expect(await refused(Buffer.concat([Buffer.from('MZ\x90\0\x03'), randomBytes(5000)]))).toBe(
    'file_unreadable',
  );
  expect(await refused(workbook.subarray(0, workbook.length >> 1))).toBe('file_unreadable');
  expect(await refused(Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(3000)]))).toBe(
    'file_unreadable',
  );
  expect(await refused(Buffer.from('一列\n甲\n'))).toBe('file_unreadable');
  expect(
    await refused(Buffer.concat([Buffer.from('a,b\n"'), Buffer.alloc(2 * partBytes, 0x61)])),
  ).toBe('200');
  expect(bomb().length).toBeLessThan(400_000);
  expect(await refused(bomb())).toBe('file_unreadable');

  // A quote that never ends is found in the dry run, and said.
  const open = await desk.check(
    Buffer.concat([Buffer.from('姓名,手机号\n"'), Buffer.alloc(2 * partBytes, 0x61)]),
  );
  expect(open).toMatchObject({ state: 'failed', failure: 'file_unreadable' });

  const bytes = file(head, `王一,${newPhone()},,${unit},,`);
  const id = await desk.begin(bytes.length);
  const upload = (digest: string) => console.at.home.post(`/api/imports/${id}/upload`, { digest });
  expect(await (await upload('0'.repeat(64))).json()).toMatchObject({
    code: 'parts_missing',
    missing: [0],
  });
  expect((await desk.putPart(id, bytes.subarray(1), 0)).status).toBe(400);
  expect((await desk.putPart(id, bytes, 1)).status).toBe(400);
  await answered(desk.putPart(id, bytes, 0));
  await answered(desk.putPart(id, bytes, 0));
  expect(await (await upload('0'.repeat(64))).json()).toMatchObject({ code: 'file_differs' });
  expect(await (await console.at.home.post(`/api/imports/${id}/commit`, {})).json()).toMatchObject({
    code: 'import_at_another_step',
    state: 'uploading',
  });
});

/** A ZIP file of one entry that unpacks to 257 MiB, and says that it is one byte. */
function bomb(): Uint8Array {
  const packed = deflateRawSync(Buffer.alloc(257 * 1024 * 1024), { level: 9 });
  const entry = Buffer.alloc(31);
  entry.write('PK\x03\x04');
  entry.writeUInt16LE(8, 8);
  entry.writeUInt32LE(packed.length, 18);
  entry.writeUInt32LE(1, 22);
  entry.writeUInt16LE(1, 26);
  const central = Buffer.alloc(47);
  central.write('PK\x01\x02');
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(1, 24);
  central.writeUInt16LE(1, 28);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(entry.length + packed.length, 16);
  return Buffer.concat([entry, packed, central, end]);
}

// Eleven thousand rows: what is some seconds on a quiet machine is half a minute on a busy one.
test('two million rows are taken, and not one more', async () => {
  const { id, table } = await desk.upload(file(head, `王一,${newPhone()},,${unit},,`));
  const from = (row: number) => sql`
    update member_import set state = 'checking', row = ${row}, position = 0, failure = null,
      columns = ${sql.json(table?.guess ?? {})} where id = ${id}`;
  await from(2_000_000);
  await bringForward(app.services, id);
  expect(await desk.view(id)).toMatchObject({ state: 'failed', failure: 'rows_too_many' });
  await from(1_999_999);
  await bringForward(app.services, id);
  expect(await desk.view(id)).toMatchObject({ state: 'checked' });
});

test(
  'a table over many parts loses and doubles no row, whoever works at it and wherever one dies',
  { timeout: 90_000 },
  async () => {
    const lines = Array.from(
      { length: 11_000 },
      (_, i) => `员工某某${i},${`137${String(i).padStart(8, '0')}`},,"${unit}",,`,
    );
    const bytes = file(head, ...lines);
    expect(bytes.length).toBeGreaterThan(2 * partBytes);
    const { id, table } = await desk.upload(bytes);
    // Nobody works at it but three that know nothing of each other.
    const { services } = app;
    await sql`
    update member_import set state = 'checking', columns = ${sql.json(table?.guess ?? {})} where id = ${id}`;
    await Promise.all([
      bringForward(services, id),
      bringForward(services, id),
      bringForward(services, id),
    ]);
    expect(await desk.view(id)).toMatchObject({
      state: 'checked',
      counts: { new: 11_000, rejected: 0 },
    });
    await sql`update member_import set state = 'committing', written = 0 where id = ${id}`;
    await Promise.all([
      bringForward(services, id),
      bringForward(services, id),
      bringForward(services, id),
    ]);
    const [row] = await sql<{ members: number; joined: number }[]>`
    select count(*)::int as members, count(a.member_id)::int as joined from member m
    left join affiliation a on a.cell = m.cell and a.member_id = m.id where m.name like '员工%'`;
    expect(row).toEqual({ members: 11_000, joined: 11_000 });
  },
);

test('sealed in bulk or one by one, numbers have the same hash and open alike', async () => {
  const values = ['+8613800138000', null, '11010119900501001X'];
  for (const bulk of [nodeBulk(testSecret), webBulk(testSecret)]) {
    expect(await bulk.hash('phoneHash', values)).toEqual(
      await webBulk(testSecret).hash('phoneHash', values),
    );
    const [sealed = ''] = await bulk.seal('phoneSeal', values);
    expect(await openPhone(testSecret, Buffer.from(sealed ?? '', 'hex'))).toBe(values[0]);
    const [, none, id] = await bulk.seal('idSeal', values);
    expect(none).toBe(null);
    expect(await openId(testSecret, Buffer.from(id ?? '', 'hex'))).toBe(values[2]);
  }
});

test('the templates are read back as what they are', async () => {
  for (const format of ['csv', 'xlsx']) {
    const answer = await console.at.home.get(`/api/member-template?format=${format}`);
    const view = await desk.upload(new Uint8Array(await answer.arrayBuffer()));
    expect(Object.keys(view.table?.guess ?? {})).toHaveLength(9);
  }
  const parts: Uint8Array[] = [];
  for await (const part of asCsv(
    new Uint8Array(await writeXlsx({ sheets: [{ name: 'x', rows: [['a', 1]] }] })),
  ))
    parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe('a,1\n');
});
