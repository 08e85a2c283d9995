import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fieldNames } from '../../api/benefits/terms.ts';
import { wrongInWave } from '../../web/src/lib/claims/desk/words.ts';
import { differences } from '../../web/src/lib/console/changes.ts';
import { fieldInWords } from '../../web/src/lib/console/fields.ts';
import { inDeskWords } from '../../web/src/lib/console/words.ts';
import { baseLocale, overwriteGetLocale } from '../../web/src/lib/paraglide/runtime.js';
import { Problem } from '../../web/src/lib/problem.ts';

afterEach(() => overwriteGetLocale(() => baseLocale));
const inEnglish = () => overwriteGetLocale(() => 'en');

const known = {
  unions: [
    { id: 2, nameZh: '东城区总工会', nameEn: 'Dongcheng District Union' },
    { id: 3, nameZh: '西城区总工会', nameEn: 'Xicheng District Union' },
  ],
  partners: [{ id: 7, nameZh: '大华影院', nameEn: 'Dahua Cinema' }],
};
const was = {
  priceFen: 4500,
  startsAt: '2026-09-30T16:00:00.000Z',
  endsAt: '2026-12-31T16:00:00.000Z',
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  opensMinute: 0,
  audience: {},
  validDistricts: null,
  limitPeriod: 'month',
  cap: null,
};
const is = {
  priceFen: 4550,
  startsAt: '2026-10-07T16:00:00.000Z',
  endsAt: '2026-11-30T16:00:00.000Z',
  weekdays: [6, 7],
  opensMinute: 545,
  audience: { districts: [2, 3], age: { min: 18 }, tags: ['劳模'] },
  validDistricts: [2],
  limitPeriod: 'week',
  cap: 100_000_000,
};

// Risk: who answers for a change reads data instead of what was changed.
test('a change of terms reads as the form does', () => {
  expect(differences({ before: was, after: is }, known)).toEqual([
    '结算价：¥45 → ¥45.50',
    '开始日期：2026年10月1日 → 2026年10月8日',
    '结束日期：2026年12月31日 → 2026年11月30日',
    '星期：每天 → 周六周日',
    '每天开始：00:00 → 09:05',
    '适用人群：全体会员 → 东城区、西城区 · 18 岁及以上 · 劳模',
    '可用地区：全市 → 东城区',
    '周期：每月 → 每周',
    '名额上限：不限 → 100,000,000',
  ]);
  inEnglish();
  const english = differences({ before: was, after: is }, known).join('\n');
  expect(english).toContain('Price: ¥45 → ¥45.50');
  expect(english).toContain('Dongcheng, Xicheng · Age 18 and over');
});

test('a moment is of its year, and a lack is said as such', () => {
  const pausedAt = '2025-12-31T16:30:00.000Z';
  expect(differences({ before: { pausedAt: null }, after: { pausedAt } }, known)).toEqual([
    '暂停时间：– → 2026年1月1日 00:30',
  ]);
  expect(
    differences(
      { before: { capADay: 30, heldBy: null }, after: { capADay: null, heldBy: 1 } },
      known,
    ),
  ).toEqual(['每天上限：30 → 不限', '限制的工会：无 → 上级工会']);
});

test('leave to redeem offline reads as the form does, and so does its lack', () => {
  const offline = {
    units: 20,
    hours: 24,
    cardUsesADay: 2,
    valueMaxFen: 9000,
    variancePayer: 'district' as const,
  };
  expect(differences({ before: { offline: null }, after: { offline } }, known)).toEqual([
    '离线核销：不允许 → 每台 20 份 · 24 小时 · 每卡每天 2 份 · 单次最高 ¥90 · 多用的由使用地所在区承担',
  ]);
});

test('a cap is of its district, or shared', () => {
  const set = (districtId: number | null) =>
    differences({ before: { districtId, cap: 174 }, after: { districtId, cap: 200 } }, known);
  expect(set(2)).toEqual(['配额归属：东城区', '名额上限：174 → 200']);
  expect(set(null)[0]).toBe('配额归属：共享');
});

test('what came or went stands alone', () => {
  expect(differences({ before: null, after: { partnerId: 7 } }, known)).toEqual(['商户：大华影院']);
  expect(differences({ before: { partnerId: 7 }, after: null }, known)).toEqual(['商户：大华影院']);
  const suspension = { suspendedAt: '2026-11-23T06:03:00.000Z' };
  expect(differences({ before: { suspendedAt: null }, after: suspension }, known)).toEqual([
    '停用时间：– → 2026年11月23日 14:03',
  ]);
});

test('a change that this officer’s list cannot name is not passed over', () => {
  const before = { audience: { unions: [90] } };
  const after = { audience: { unions: [91] } };
  expect(differences({ before, after }, known)).toEqual(['适用人群：有改动']);
});

// Risk: a field kept by the API that nobody gave a name.
test('every field that an entry can carry has its words', () => {
  const sources = readdirSync('api', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join('api', path), 'utf8'))
    .filter((text) => text.includes('await record(tx, {'));
  const kept = sources.flatMap((text) =>
    [...text.matchAll(/\b(?:before|after): [^{\n]*\{([^}\n]*)\}/g)].flatMap(([, body = '']) =>
      [...body.matchAll(/(?:^|,) *(\w+) *(?=[:,]|$)/g)].map(([, name = '']) => name),
    ),
  );
  const names = [...fieldNames, ...kept, 'members', 'known', 'enterprises'];
  expect(kept).toContain('suspendedAt');
  expect(names.filter((name) => fieldInWords(name) === undefined)).toEqual([]);
});

// Risk: a filter in a link that names no field a person knows.
test('what was filled in wrongly is named as on its screen', () => {
  const problem = (...names: string[]) =>
    new Problem('invalid_request', 400, { fields: names.map((field) => ({ field, message: '' })) });
  expect(inDeskWords(problem('from', 'priceFen', 'audience.age.min'))).toBe(
    '请检查：“起始日期”“结算价”“适用人群”',
  );
  expect(inDeskWords(problem('offline.hours', 'offline'))).toBe(
    '请检查：“借出多久（小时）”“离线核销”',
  );
  expect(inDeskWords(problem('cursor'))).toBe('提交的内容有误，请检查。');
  inEnglish();
  expect(inDeskWords(problem('host'))).toContain('“Used in”');
});

// Risk: a refused series names a field of the audit's, which nobody has filled in.
test('what is wrong with a session is said of its own field, and in a sentence where it has one', () => {
  const refused = (...fields: string[]) =>
    inDeskWords(
      new Problem('invalid_request', 400, {
        fields: fields.map((field) => ({ field, message: '' })),
      }),
    );
  const start = '每场的开始时间要在现在之后，并且在福利的有效期、星期和时段之内。';
  expect(refused('sessions.0.startsAt', 'sessions.12.startsAt')).toBe(start);
  expect(refused('sessions.0.cap', 'sessions.3.endsAt')).toBe('请检查：“名额”“时长（分钟）”');
  expect(refused('sessions.0.startsAt', 'sessions.0.cap')).toBe(`${start}请检查：“名额”`);
  expect(refused('closesAt')).toBe('截止申领要晚于开始申领，也不能晚于福利的结束时间。');
});

// Risk: two forms have a field of one name, and a clerk looks for the one that this form has not.
test('what is wrong with a wave is said in the words of its own form, refused or kept', () => {
  const refused = (field: string) =>
    inDeskWords(
      new Problem('invalid_request', 400, { fields: [{ field, message: '' }] }),
      wrongInWave,
    );
  expect(refused('opensAt')).toBe('放票时间要在现在之后、截止申领之前，也不能和已有的批次相同。');
  for (const field of ['units', 'units.0.units'])
    expect(refused(field)).toBe('各场张数加起来不能超过福利的名额。');
  const after = { opensAt: '2026-12-02T02:00:00Z', units: 20 };
  expect(differences({ action: 'wave.add', before: null, after }, known)).toEqual([
    '放票时间：2026年12月2日 10:00',
    '张数：20',
  ]);
  const [line] = differences({ action: 'claims.set', before: null, after }, known);
  expect(line).toContain('开始申领');
});
