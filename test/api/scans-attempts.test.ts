// Risk: the limit on guessed short codes forgets too early, never forgets, or grows without end.
import { expect, test } from 'vitest';
import { AttemptLimiter } from '../../api/scans/attempts.ts';

test('five in any minute, then none until the oldest is a minute old', () => {
  const limiter = new AttemptLimiter();
  for (const at of [0, 10_000, 20_000, 30_000, 40_000]) expect(limiter.start('a', at)).toBeNull();
  expect(limiter.start('a', 40_001)).toBe(20);
  expect(limiter.start('a', 59_999)).toBe(1);
  expect(limiter.start('b', 59_999)).toBeNull();
  expect(limiter.start('a', 60_000)).toBeNull();
  expect(limiter.start('a', 60_001)).toBe(10);
});

test('a right one gives its attempt back', () => {
  const limiter = new AttemptLimiter();
  for (let i = 0; i < 100; i++) {
    expect(limiter.start('a', i)).toBeNull();
    limiter.succeed('a');
  }
});

test('it remembers ten thousand callers, and lets go of the one that was quiet longest', () => {
  const limiter = new AttemptLimiter();
  for (let i = 0; i < 5; i++) limiter.start('first', i);
  for (let i = 0; i < 5; i++) limiter.start('second', i);
  expect(limiter.start('first', 10)).not.toBeNull();
  for (let i = 0; i < 9_999; i++) limiter.start(`caller ${i}`, 20);
  expect(limiter.start('second', 30)).not.toBeNull();
  expect(limiter.start('first', 30)).toBeNull();
});
