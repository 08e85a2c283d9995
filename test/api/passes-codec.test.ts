// Risk: a pass that does not fit a small QR, has two forms, or that only our own code can verify.
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import fc from 'fast-check';
import QRCode from 'qrcode';
import { expect, test } from 'vitest';
import { fromBase32, toBase32 } from '../../api/passes/base32.ts';
import { fromContent, toContent } from '../../api/passes/content.ts';
import { packPass, tokenLength, unpackPass } from '../../api/passes/pack.ts';
import { fromShortCode, toShortCode } from '../../api/passes/short-code.ts';
import { expectStatus, openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const number40 = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const somePass = fc.record({
  kid: fc.integer({ min: 1, max: 255 }),
  card: number40,
  jti: number40,
  exp: fc.integer({ min: 0, max: 0xffffffff }),
  signature: bytes(64).map((found) => new Uint8Array(found)),
});

test('every pass comes back from its token, in either case', () => {
  fc.assert(
    fc.property(somePass, (pass) => {
      const token = packPass(pass);
      expect(token).toMatch(/^[A-Z2-7]{127}$/);
      expect(unpackPass(token)).toEqual(pass);
      expect(unpackPass(token.toLowerCase())).toEqual(pass);
    }),
  );
});

test('base32 agrees with its RFC and has one form for each content', () => {
  const text = new TextEncoder();
  const examples = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB' };
  for (const [plain, coded] of Object.entries(examples)) {
    expect(toBase32(text.encode(plain))).toBe(coded);
    expect(fromBase32(coded)).toEqual(text.encode(plain));
  }
  for (const other of ['MZ', 'MY======', 'M', 'MZXR', 'M1', 'M Y', 'ΜΥ', 'ſY', 'MY\0'])
    expect(fromBase32(other), other).toBeNull();
  // The last character of a token carries three bits that must be zero.
  fc.assert(
    fc.property(somePass, (pass) => {
      const token = packPass(pass);
      const forms = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'].filter(
        (last) => unpackPass(token.slice(0, -1) + last) !== null,
      );
      return forms.length === 4;
    }),
  );
});

test('a token of any other length is no pass', () => {
  const token = 'A'.repeat(tokenLength);
  expect(unpackPass(token)).not.toBeNull();
  for (const other of ['', token.slice(1), `${token}A`, `${token}${token}`])
    expect(unpackPass(other)).toBeNull();
});

test('every short code comes back as a person may type it', () => {
  fc.assert(
    fc.property(number40, number40, (card, jti) => {
      const code = toShortCode(card, jti);
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      for (const typed of [
        code,
        code.replaceAll('-', ' '),
        code.replaceAll('-', '').toLowerCase(),
        code.replaceAll('0', 'O').replaceAll('1', 'l'),
      ])
        expect(fromShortCode(typed)).toEqual({ card, jti });
    }),
  );
  for (const other of ['', '0', '0'.repeat(15), '0'.repeat(17), 'U'.repeat(16), '０'.repeat(16)])
    expect(fromShortCode(other)).toBeNull();
});

test('the QR is version 6 with a host of 13 characters and 7 with one of 24', () => {
  const passes = fc.sample(somePass, 50);
  const versionAt = (host: string) =>
    Math.max(
      ...passes.map((pass) => {
        const content = toContent(`https://${host}`, pass);
        return QRCode.create(content, { errorCorrectionLevel: 'M' }).version;
      }),
    );
  expect(versionAt('tongka.bj.cn1')).toBeLessThanOrEqual(6);
  expect(versionAt('card.union.beijing.gov.c')).toBeLessThanOrEqual(7);
  expect(versionAt('card.union.beijing.gov.cn.example.organisation')).toBeGreaterThan(7);
});

test('the address in the QR reads the same in either case, and as the token alone', () => {
  const origin = 'https://card.example.org';
  fc.assert(
    fc.property(somePass, (pass) => {
      const content = toContent(origin, pass);
      for (const form of [content, content.toLowerCase(), packPass(pass)])
        expect(fromContent(origin, form)).toEqual(pass);
    }),
  );
});

test('node:crypto verifies the rebuilt JWS by the public JWKS, all by hand', async () => {
  const holder = await counter.addHolder();
  const shown = await passOf(holder);
  const { keys } = await expectStatus<{ keys: JsonWebKey[] }>(
    counter.till.get('/.well-known/jwks.json'),
    200,
  );
  const token = shown.url.slice('HTTP://LOCALHOST:8787/Q/'.length);
  const bits = [...token].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const packed = Buffer.from(
    (
      bits
        .join('')
        .slice(0, 79 * 8)
        .match(/.{8}/g) ?? []
    ).map((byte) => parseInt(byte, 2)),
  );
  const kid = packed.readUInt8(0);
  const header = `{"alg":"ES256","kid":"${kid}","typ":"tongka-pass+jws"}`;
  const card = packed.readUIntBE(1, 5);
  const jti = packed.readUIntBE(6, 5);
  const exp = packed.readUInt32BE(11);
  const payload = `{"iss":"http://localhost:8787","card":"${card}","jti":"${jti}","exp":${exp}}`;
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const jwk = keys.find((key) => 'kid' in key && key.kid === String(kid));
  expect(jwk).toEqual({
    ...{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: String(kid) },
    ...{ x: expect.any(String), y: expect.any(String) },
  });
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const verifies = (text: string) =>
    nodeVerify(
      'sha256',
      Buffer.from(text),
      { key, dsaEncoding: 'ieee-p1363' },
      packed.subarray(15),
    );
  expect(verifies(input)).toBe(true);
  expect(verifies(`${input}x`)).toBe(false);
  expect(new Date(exp * 1000).toISOString()).toBe(shown.expiresAt);
  expect(fromShortCode(shown.code)).toEqual({ card, jti });
});

test('the JWKS may be kept for less time than a key is published before it signs', async () => {
  const answer = await counter.till.get('/.well-known/jwks.json');
  expect(answer.headers.get('Content-Type')).toBe('application/jwk-set+json');
  expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300, must-revalidate');
  const tag = answer.headers.get('ETag');
  expect(tag).toMatch(/^"/);
  const again = await counter.till.get('/.well-known/jwks.json', { 'If-None-Match': tag ?? '' });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});

test('a booklet is the next two hours, minute by minute', async () => {
  const holder = await counter.addHolder();
  const { passes, serverTime } = await expectStatus<{
    passes: { from: string; expiresAt: string }[];
    serverTime: string;
  }>(holder.phone.get('/api/me/passes'), 200);
  expect(passes).toHaveLength(120);
  const start = Math.floor(Date.parse(serverTime) / 60_000) * 60_000;
  expect(passes.map(({ from }) => Date.parse(from))).toEqual(
    passes.map((_, i) => start + i * 60_000),
  );
  expect(passes.every((p) => Date.parse(p.expiresAt) - Date.parse(p.from) === 60_000)).toBe(true);
});
