// Risk: a spreadsheet as offices keep it — titles above the table, blanks, rounded numbers, marks nobody sees — loses rows, or changes members nobody meant to.
import { writeXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { answered, file, idNumberOf, newPhone, RosterDesk } from '../support/roster.ts';

const { sql } = await createDatabase();
const app = createApp(sql);
const city = await buildCity(sql);
const console = await openConsole(sql, { app, city });
const { home, homeEnterprise } = city.unions;
const desk = new RosterDesk(app, console.at.home, home);
await sql`update trade_union set name_zh = '某某（集团）公司工会' where id = ${homeEnterprise}`;
const unit = '某某(集团)公司工会';
const head = '姓名,手机号,身份证号,单位工会,标签,家庭人数';

const refusal = async (bytes: Uint8Array) => {
  const thrown = await desk.upload(bytes).then(
    () => '200',
    (error: Error) => error.message,
  );
  return /"code":"(\w+)"/.exec(thrown)?.[1] ?? thrown;
};

const person = async (name: string) => {
  const [row] = await sql<
    { tags: string[]; size: number; born: string | null; has: boolean; isMember: boolean }[]
  >`
    select m.tags, m.family_size as size, m.born_on as born, m.id_hash is not null as has,
      exists (
        select from affiliation a where a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      ) as "isMember"
    from member m where m.name = ${name}`;
  return row;
};

test('a workbook with a title, blank cells, blank rows and numbers as numbers is read as it is seen', async () => {
  const id = idNumberOf(7);
  const bytes = await writeXlsx({
    sheets: [
      {
        name: '会员',
        rows: [
          ['2026 年会员名册'],
          [],
          ['序号', '姓 名*', '手机号（必填）', '身份证号', '工作单位', '标签', '家庭人数'],
          [1, '王 五', Number(newPhone()), id, unit, '亲子', 3, null, '表外的备注'],
          [2, '赵　六', Number(newPhone()), null, unit],
          [],
          [4, '钱七', Number(newPhone()), Number('110101199005010010'), unit],
          [5, '孙八', '12345', null, unit],
        ],
      },
    ],
  });
  const { id: one, table } = await desk.upload(bytes);
  expect(table?.guess).toEqual({ name: 1, phone: 2, idNumber: 3, unit: 4, tags: 5, familySize: 6 });
  expect(table?.samples[0]?.slice(0, 2)).toEqual(['1', '王 五']);
  await answered(console.at.home.delete(`/api/imports/${one}`, {}));
  const checked = await desk.check(bytes);
  expect(checked.counts).toMatchObject({ new: 2, rejected: 2 });
  expect(await desk.rejected(checked.id)).toEqual([
    [7, 'number_rounded'],
    [8, 'phone_invalid'],
  ]);
  await desk.commit(checked.id);
  expect(await person('王五')).toMatchObject({ tags: ['亲子'], size: 3, has: true });
  expect(await person('赵六')).toMatchObject({ isMember: true });
});

test('a CSV as spreadsheets save it: no separators at the end, marks nobody sees, numbers kept as text', async () => {
  const id = idNumberOf(8);
  const phone = newPhone();
  const checked = await desk.check(
    file(
      '某某公司会员名册;;;;;',
      head.replaceAll(',', ';'),
      `周一;\u202d${newPhone()}\u202c`, // 3: units are missing
      `周二;'+86 ${newPhone()};="${id}";${unit}`,
      `周三;${phone.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))};;${unit}`,
      `周四;1.38E+10;;${unit}`, // 6
      `周五;${newPhone()};1.10101E+17;${unit}`, // 7
      `周六;${newPhone()};;${unit};;;多出的一列`, // 8
    ),
  );
  expect(await desk.rejected(checked.id)).toEqual([
    [3, 'unit_missing'],
    [6, 'number_rounded'],
    [7, 'number_rounded'],
  ]);
  expect(checked.counts).toMatchObject({ new: 3 });
  await answered(console.at.home.delete(`/api/imports/${checked.id}`, {}));

  const shifted = file(
    head,
    ...Array.from({ length: 9 }, (_, i) => `郑${i},${newPhone()},,${unit},,`),
    `吴一,${newPhone()},,某某,集团,公司,3`,
  );
  expect(await desk.rejected((await desk.check(shifted)).id)).toEqual([[11, 'row_malformed']]);
});

test('a quote that never ends swallows no rows', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `冯${i},${newPhone()},,${unit},,`);
  expect(await refusal(file(head, `"陈一,${newPhone()},,${unit},,`, ...rows))).toBe(
    'file_unreadable',
  );
});

test('the file of rejected rows, put right, is taken in again', async () => {
  const first = await desk.check(
    file(head, `卫一,+8613${'0'.repeat(9)},,没有的,`, `蒋二,12,,${unit}`),
  );
  const answer = await console.at.home.get(`/api/imports/${first.id}/rejected.csv`);
  const text = await answer.text();
  const [titles = '', one = '', two = ''] = text.split('\r\n');
  expect(titles).toBe(`${head},行号,未导入原因`);
  expect([one, two].map((line) => line.split(',').length)).toEqual([8, 8]);
  const again = await desk.check(
    Buffer.from(text.replace('没有的', unit).replace(/,12,/, `,${newPhone()},`)),
  );
  expect(again.counts).toMatchObject({ new: 2, rejected: 0 });
});

test('what a row leaves out changes nothing; a word takes all tags away', async () => {
  const phone = newPhone();
  const take = async (line: string) => {
    const { id, counts } = await desk.check(file(head, line));
    if (counts.new || counts.changed) await desk.commit(id);
    return counts;
  };
  await take(`沈三,${phone},${idNumberOf(31)},${unit},劳模；亲子,4`);
  expect(await take(`沈三,${phone},,,,`)).toMatchObject({ unchanged: 1, changed: 0 });
  expect(await person('沈三')).toMatchObject({ tags: ['劳模', '亲子'], size: 4 });
  expect(await take(`沈三,${phone},,,无,`)).toMatchObject({ changed: 1 });
  expect(await person('沈三')).toMatchObject({ tags: [], size: 4 });
});

test('a phone number that was given out anew brings nobody into the place of one who has left', async () => {
  const phone = newPhone();
  const first = await desk.check(file(head, `韩四,${phone},${idNumberOf(41)},${unit},,`));
  await desk.commit(first.id);
  await sql`
    update affiliation set ended_at = clock()
    where member_id = (select id from member where name = '韩四')`;
  const anew = await desk.check(
    file(head, `杨五,${phone},,${unit},,`, `韩四,,${idNumberOf(41)},${unit},,`),
  );
  expect(await desk.rejected(anew.id)).toEqual([[2, 'phone_of_another']]);
  expect(anew.counts).toMatchObject({ new: 1 });
  await desk.commit(anew.id);
  expect(await person('韩四')).toMatchObject({ isMember: true });
});

test('after a dry run the columns may be chosen once more', async () => {
  const bytes = file('姓名,甲,乙,单位工会', `朱六,${newPhone()},${newPhone()},${unit}`);
  const { id } = await desk.check(bytes, false, { name: 0, phone: 1, unit: 3 });
  const { table } = await desk.view(id);
  expect(table?.header).toEqual(['姓名', '甲', '乙', '单位工会']);
  await answered(
    console.at.home.post(`/api/imports/${id}/check`, {
      columns: { name: 0, phone: 2, unit: 3 },
      isComplete: false,
    }),
  );
  await Promise.all(app.working);
  expect(await desk.view(id)).toMatchObject({ state: 'checked', counts: { new: 1 } });
});

test('a dry run names who is new, changed and leaving, and an undo whom it left alone', async () => {
  await sql`update affiliation set ended_at = clock() where ended_at is null`;
  const [stays, goes, comes] = [newPhone(), newPhone(), newPhone()];
  const first = await desk.check(file(head, `何一,${stays},,${unit},,`, `吕二,${goes},,${unit},,`));
  await desk.commit(first.id);
  const { id } = await desk.check(
    file(head, `何大,${stays},,${unit},劳模,2`, `施三,${comes},,${unit},,`),
    true,
  );
  const people = async (group: string) =>
    (
      await answered<{ people: unknown[] }>(
        console.at.home.get(`/api/imports/${id}/people?group=${group}`),
      )
    ).people;
  const found = {
    new: [{ key: 3, name: '施三', was: null, fields: [] }],
    changed: [
      { key: 2, name: '何大', was: { name: '何一' }, fields: ['name', 'tags', 'familySize'] },
    ],
    leaving: [{ name: '吕二', unit: { id: homeEnterprise } }],
  };
  for (const [group, expected] of Object.entries(found))
    expect(await people(group), group).toMatchObject(expected);
  await desk.commit(id);
  for (const [group, expected] of Object.entries(found))
    expect(await people(group), `${group}, written`).toMatchObject(expected);
  await sql`update member set name = '何甲' where name = '何大'`;
  await desk.undo(id);
  expect(await people('notUndone')).toMatchObject([{ name: '何大', undone: 'changed_since' }]);
});

test('whoever had his data deleted comes back by no undo and no clerk', async () => {
  await sql`update affiliation set ended_at = clock() where ended_at is null`;
  const first = await desk.check(
    file(head, `秦七,${newPhone()},,${unit},,`, `许八,${newPhone()},,${unit},,`),
  );
  await desk.commit(first.id);
  const [gone] = await sql<{ cell: number; id: number }[]>`
    select cell, id from member where name = '许八'`;
  const complete = await desk.check(file(head, `尤九,${newPhone()},,${unit},,`), true);
  await desk.commit(complete.id);
  await sql`select erase_member(${gone?.cell ?? 0}::smallint, ${gone?.id ?? 0}::bigint)`;
  const undone = await desk.undo(complete.id);
  expect(undone).toMatchObject({ state: 'undone', counts: { undone: 2, notUndone: 1 } });
  expect(await person('秦七')).toMatchObject({ isMember: true });
  const back = await console.at.home.delete(`/api/members/${gone?.id ?? 0}/leave`, {
    reason: '弄错了',
  });
  expect(await back.json()).toMatchObject({ code: 'changed_meanwhile' });
});
