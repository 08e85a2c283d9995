import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  pendingOf,
  settlePending,
  storePending,
  type Pending,
} from '../../web/src/lib/scan/pending.ts';
import { explain } from '../../web/src/lib/reasons.ts';
import { cellOf, newId } from '../../web/src/lib/scan/redemption-id.ts';
import { Repeats } from '../../web/src/lib/scan/repeats.ts';
import { isShortCode, normalised, strangeCharacter } from '../../web/src/lib/scan/short-code.ts';
import { understand } from '../../web/src/lib/scan/understand.ts';

// Risk: the counter takes one thing for another, or forgets what it has sent.
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const pass = Array.from({ length: 127 }, (_, i) => base32[(i * 7) % 32]).join('');

describe('a text from a scanner', () => {
  test.each([
    [`HTTPS://CARD.EXAMPLE.ORG/Q/${pass}`],
    [`https://card.example.org/q/${pass.toLowerCase()}`],
    [`  HTTP://LOCALHOST:8787/Q/${pass}\r\n`],
    [`xHTTPS://CARD.EXAMPLE.ORG/Q/${pass}`],
  ])('is a pass: %s', (text) => {
    const understood = understand(text);
    expect(understood.kind === 'pass' && understood.pass.toUpperCase()).toBe(pass);
    expect(understood.kind === 'pass' && understood.address).toMatch(/^https?:\/\/[^\s]+$/i);
  });

  test('is the invitation of a phone', () => {
    const code = '01234567890123456789ABCDEF';
    expect(understand(`https://card.example.org/counter/pair#${code}`)).toEqual({
      kind: 'pairing',
      code,
    });
    const wrong = `https://card.example.org/counter/pair#${code}U`;
    expect(understand(wrong)).toEqual({ kind: 'stranger', what: 'link' });
  });

  test.each([
    ['0123456789ABCDEF', '0123456789ABCDEF'],
    ['ol23 4567 89ab cdef', '0123456789ABCDEF'],
    ['０１２３-４５６７-89AB-CDEF', '0123456789ABCDEF'],
  ])('is a short code: %s', (text, code) => {
    expect(understand(text)).toEqual({ kind: 'code', code });
  });

  test.each([
    ['134567890123456789', 'payment'],
    ['286412345678901234', 'payment'],
    ['wxp://f2f0abcdef', 'collection'],
    ['HTTPS://QR.ALIPAY.COM/FKX0123', 'collection'],
    ['https://u.wechat.com/abc', 'wechat'],
    ['https://bjjkm.example.gov.cn/code?id=1', 'health'],
    ['https://metro.example.com/ride', 'transit'],
    ['https://example.com/Q/short', 'link'],
    ['javascript://alert(1)', 'link'],
    ['你好', 'text'],
    ['', 'text'],
  ])('is something else: %s', (text, what) => {
    expect(understand(text)).toEqual({ kind: 'stranger', what });
  });

  test('is understood whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['pass', 'code', 'pairing', 'stranger']).toContain(understand(text).kind);
      }),
    );
  });
});

describe('a typed code', () => {
  test('survives every way of writing it', () => {
    const character = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ');
    const codes = fc.string({ unit: character, minLength: 16, maxLength: 16 });
    const look = { '0': '0oO', '1': '1iIlL' };
    fc.assert(
      fc.property(codes, fc.nat(), (code, seed) => {
        const written = [...code]
          .map((one, at) => {
            const ways = look[one as keyof typeof look] ?? one + one.toLowerCase();
            return ways[(seed + at) % ways.length] + (at % 4 === 3 ? ' ' : '');
          })
          .join('');
        expect(normalised(written)).toBe(code);
        expect(isShortCode(normalised(written))).toBe(true);
      }),
    );
  });

  test('names the character that cannot be', () => {
    expect(strangeCharacter(normalised('ABCU'))).toBe('U');
    expect(strangeCharacter(normalised('AB?D'))).toBe('?');
    expect(isShortCode('U123456789ABCDEF')).toBe(false);
  });
});

test('an id is a UUIDv7 that ends with the cell, and no two are the same', () => {
  for (let cell = 0; cell < 64; cell += 1) {
    const [one, other] = [newId(cell), newId(cell)];
    expect(one).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(cellOf(one)).toBe(cell);
    expect(one).not.toBe(other);
  }
});

test('the same code is no news for three seconds, and none for three after the next scan begins', () => {
  const repeats = new Repeats();
  expect(repeats.isNews('a', 0)).toBe(true);
  expect(repeats.isNews('a', 2999)).toBe(false);
  expect(repeats.isNews('b', 2999)).toBe(true);
  expect(repeats.isNews('b', 6000)).toBe(true);
  repeats.restart(60_000);
  expect(repeats.isNews('b', 62_999)).toBe(false);
  expect(repeats.isNews('c', 62_999)).toBe(true);
  expect(repeats.isNews('c', 65_999)).toBe(true);
});

test('what was sent stays until it is settled, each operator’s apart', () => {
  const sent = (user: string): Pending => ({
    id: newId(5),
    user,
    ticket: 't',
    benefit: 1,
    quantity: 1,
    title: { titleZh: '观影', titleEn: 'Film' },
    maskedName: '许＊',
    outlet: 1,
    madeAt: '2026-11-23T00:00:00.000Z',
  });
  const [first, second, foreign] = [sent('han'), sent('han'), sent('qin')];
  for (const one of [first, second, foreign]) storePending(one);
  expect(pendingOf('han')).toEqual([first, second]);
  settlePending(first.id);
  settlePending(first.id);
  expect(pendingOf('han')).toEqual([second]);
  expect(pendingOf('qin')).toEqual([foreign]);
});

// Risk: who has not used a benefit yet is told that he may use it again.
test('what was used opens again, what was not opens', () => {
  const detail = { again: '2026-12-06T16:00:00Z' };
  expect(explain('limit_reached', detail).text).toContain('起可再用');
  const limit = { count: 2, period: 'rolling', days: 30 } as const;
  expect(explain('limit_reached', { ...detail, limit }).text).toContain('30 天内 2 次 · ');
  expect(explain('benefit_not_started', detail).text).toContain('起可用');
});
