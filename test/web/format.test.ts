import { afterEach, expect, test } from 'vitest';
import { hoursToday, minutesInWords, weekdaysInWords } from '../../web/src/lib/benefits/hours.ts';
import { clockInWords } from '../../web/src/lib/card/trouble.ts';
import { distance, grouped, maskedPhone, when, yuan } from '../../web/src/lib/format.ts';
import { baseLocale, overwriteGetLocale } from '../../web/src/lib/paraglide/runtime.js';
import { asPlace, said } from '../../web/src/lib/said.ts';

afterEach(() => overwriteGetLocale(() => baseLocale));
const inEnglish = () => overwriteGetLocale(() => 'en');

// Risk: figures and dates that a person reads otherwise than they are meant.
test('times are Beijing’s, whatever the phone is set to', () => {
  const lateAtNight = '2026-02-28T16:30:05Z';
  expect(when(lateAtNight, 'date')).toBe('2026年3月1日');
  expect(when(lateAtNight, 'clock')).toBe('00:30:05');
  inEnglish();
  expect(when(lateAtNight, 'moment')).toMatch(/^Mar 1,? .*00:30$/);
});

test('money is whole yuan unless it is not', () => {
  expect([yuan(4500), yuan(4550), yuan(0)]).toEqual(['¥45', '¥45.50', '¥0']);
});

test('distance is said the way people say it', () => {
  expect([distance(347), distance(2449), distance(12_600)]).toEqual(['350米', '2.4公里', '13公里']);
});

test('a clock that is wrong is wrong by minutes, hours or days', () => {
  expect([10, -180, 576_000].map(clockInWords)).toEqual([
    expect.stringContaining('快了约10分钟'),
    expect.stringContaining('慢了约3小时'),
    expect.stringContaining('快了约400天'),
  ]);
  inEnglish();
  expect(clockInWords(-90)).toContain('about 2 hours behind');
});

test('a phone can be recognised and not called', () => {
  expect([maskedPhone('+8613800138000'), maskedPhone('138 0013 8000')]).toEqual([
    '138 **** 8000',
    '138 **** 8000',
  ]);
});

test('a short code stands in groups of four', () => {
  expect(grouped('7K2M9QXP4C8T1R5V')).toBe('7K2M 9QXP 4C8T 1R5V');
});

test('a district is a place, not a union, where a place is meant', () => {
  const outlet = { districtZh: '朝阳区总工会', districtEn: 'Chaoyang District Union' };
  expect(said(outlet, 'district')).toBe('朝阳区');
  inEnglish();
  expect(said(outlet, 'district')).toBe('Chaoyang');
  expect(asPlace('北京市总工会')).toBe('北京市');
});

test('days and hours of a benefit and of an outlet', () => {
  expect(weekdaysInWords([1, 2, 3, 4, 5, 6, 7])).toBe('每天');
  expect(weekdaysInWords([7, 6])).toMatch(/^周六.*周日$/);
  expect(minutesInWords({ opensMinute: 540, closesMinute: 1110 })).toBe('09:00–18:30');
  expect(minutesInWords({ opensMinute: 0, closesMinute: 1440 })).toBe('全天');
  const hours = [null, ...Array.from({ length: 6 }, () => ({ opens: 600, closes: 1200 }))];
  // Monday in Beijing is still Sunday in London.
  expect(hoursToday(hours, Date.parse('2026-03-01T17:00:00Z'))).toBe('休息');
  expect(hoursToday(hours, Date.parse('2026-03-01T15:00:00Z'))).toBe('10:00–20:00');
});
