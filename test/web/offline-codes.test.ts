// Risk: a phone without a network takes a forged pass, list or receipt for the city's, or an honest one for a forgery.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRice } from '../../api/cards/rice.ts';
import { chain } from '../../api/offline/chain.ts';
import { writeReceipt } from '../../api/offline/receipt.ts';
import { fromBase32 as theirBase32 } from '../../api/passes/base32.ts';
import { toContent } from '../../api/passes/content.ts';
import { signingInput } from '../../api/passes/jws.ts';
import { printPass } from '../../api/passes/printed.ts';
import { sign as signLow } from '../../api/passes/signature.ts';
import { fromBase32, fromBase64Url, toBase64Url, utf8 } from '../../web/src/lib/offline/bytes.ts';
import { bodyOf, hashOf, origin, uploadText } from '../../web/src/lib/offline/chain.ts';
import { cellOfCard, openPass, untimely } from '../../web/src/lib/offline/pass.ts';
import { isReceiptFor } from '../../web/src/lib/offline/receipt.ts';
import type { CityKey } from '../../web/src/lib/offline/signature.ts';
import { openStatusList } from '../../web/src/lib/offline/status-list.ts';
import { expectStatus, openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { DevicePhone } from '../support/device-phone.ts';
import { withS } from '../support/forge.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const issuer = counter.app.services.config.origin;
const { keys } = await expectStatus<{ keys: CityKey[] }>(
  counter.till.get('/.well-known/jwks.json'),
  200,
);
const number40 = fc.integer({ min: 0, max: 2 ** 40 - 1 });

/** Somebody with an own key, under the kid of the city's. */
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const stranger = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
const kid = Number(keys[0]?.kid);
const strangerJwk = await crypto.subtle.exportKey('jwk', stranger.publicKey);
const strangerKeys: CityKey[] = [{ ...(strangerJwk as CityKey), kid: String(kid) }];

describe('bytes in text', () => {
  test('base32 says of every text what the server says', () => {
    const base32 = fc.string({ unit: fc.constantFrom(...'ABZaz27018ſK=-'), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(base32, fc.string({ unit: 'binary' })), (text) => {
        expect(fromBase32(text)).toEqual(theirBase32(text));
      }),
    );
  });

  test('base64url has one form for each content', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes));
      }),
    );
    for (const wrong of ['A', 'AB=', 'AB+', 'A/B', 'AB\n', 'AR']) {
      expect(fromBase64Url(wrong)).toBeNull();
    }
  });
});

describe('a pass', () => {
  test('of a member is opened as the server means it, in either case', async () => {
    const holder = await counter.addHolder();
    const { url, expiresAt } = await passOf(holder);
    const pass = { kid, card: holder.card, exp: Date.parse(expiresAt) / 1000 };
    expect(await openPass(url, issuer, keys)).toMatchObject(pass);
    expect(await openPass(url.toLowerCase(), issuer, keys)).toMatchObject(pass);
    expect(cellOfCard(holder.card)).toBe(holder.cell);
  });

  test('of another city, of an unknown key or signed by anybody else is not', async () => {
    const { url } = await passOf(await counter.addHolder());
    expect(await openPass(url, 'https://elsewhere.example', keys)).toBe('pass_of_another_city');
    expect(await openPass(url, issuer, [])).toBe('pass_key_unknown');
    expect(await openPass(url, issuer, strangerKeys)).toBe('pass_invalid');
    expect(await openPass(`${url}A`, issuer, keys)).toBe('pass_invalid');
    expect(await openPass(url.replace(/^https?:\/\//i, ''), issuer, keys)).toBe('pass_invalid');
  });

  // Copied as easily as carried: only the server can look at the ID card with it.
  test('of a card on paper is not', async () => {
    const card = { card: 7, exp: 4_000_000_000 };
    const printed = await printPass(counter.app.services, card);
    expect(await openPass(printed, issuer, keys)).toBe('pass_printed');
  });

  test('with any bit changed is not', async () => {
    const { url } = await passOf(await counter.addHolder());
    const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const start = url.lastIndexOf('/') + 1;
    // The first two characters are the kid's, and every kid but one is unknown.
    for (const at of [start + 2, start + 8, start + 17, start + 25, start + 60, url.length - 1]) {
      const other = base32[(base32.indexOf(url[at] ?? '') + 1) % 32] ?? '';
      const changed = url.slice(0, at) + other + url.slice(at + 1);
      expect(await openPass(changed, issuer, keys), `character ${at}`).toBe('pass_invalid');
    }
  });

  test('has one form: the same signature with the high s is refused', async () => {
    const claims = { kid, card: 2 ** 40 - 1, jti: 7, exp: 0xffffffff };
    const low = await signLow(stranger.privateKey, signingInput(issuer, claims));
    const content = (signature: Uint8Array<ArrayBuffer>) =>
      toContent(issuer, { ...claims, signature });
    expect(await openPass(content(low), issuer, strangerKeys)).toEqual(claims);
    expect(await openPass(content(withS(low, 'high')), issuer, strangerKeys)).toBe('pass_invalid');
  });

  test.each([
    [-1, 'pass_not_yet_valid'],
    [0, null],
    [69_999, null],
    [70_000, 'pass_expired'],
  ])('%i ms after the earliest instant it is %s', (later, fault) => {
    const exp = 1_800_000_000;
    const pass = { kid, card: 1, jti: 1, exp };
    expect(untimely(pass, exp * 1000 - 70_000 + later)).toBe(fault);
  });
});

describe('the list of stopped cards', () => {
  test('from the server holds exactly the cards of lost phones', async () => {
    const lost = await counter.addHolder();
    const well = await counter.addHolder();
    await expectStatus(lost.phone.post('/api/me/card/loss'), 200);
    const answer = await counter.till.get('/api/card-status');
    const list = await openStatusList(new Uint8Array(await answer.arrayBuffer()), keys);
    expect(list?.cards.has(lost.card)).toBe(true);
    expect(list?.cards.has(well.card)).toBe(false);
    expect(Math.abs((list?.issuedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('is read back whatever cards are on it', async () => {
    const cards = fc.uniqueArray(number40, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(cards, async (numbers) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const list = await openStatusList(await listOf(sorted), strangerKeys);
        expect([...(list?.cards ?? [0])]).toEqual(sorted);
      }),
      { numRuns: 40 },
    );
  });

  test('is nothing when a byte of it was changed, or anybody else signed it', async () => {
    const bytes = await listOf([1, 2 ** 33, 2 ** 40 - 1]);
    expect(await openStatusList(bytes, keys)).toBeNull();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await openStatusList(changed, strangerKeys), `byte ${at}`).toBeNull();
    }
    expect(await openStatusList(bytes.slice(0, -1), strangerKeys)).toBeNull();
    expect(await openStatusList(new Uint8Array(0), strangerKeys)).toBeNull();
  });
});

describe('the chain', () => {
  const saying = {
    ...{ user: 'u', listAt: null, clockOffsetMs: -3, scannedAt: '2026-03-01T08:00:00.000Z' },
    ...{ lease: 3, quantity: 2, benefit: 1, pass: 'HTTPS://X/Q/A', id: 'i' },
  };

  test('has the text and the hashes that the server computes', async () => {
    const body = bodyOf(saying);
    expect(body).toBe(
      '{"id":"i","pass":"HTTPS://X/Q/A","benefit":1,"quantity":2,"lease":3,"scannedAt":"2026-03-01T08:00:00.000Z","clockOffsetMs":-3,"listAt":null,"user":"u"}',
    );
    const links = await chain({ from: 1, prev: origin, items: [body, '通卡'] });
    const first = await hashOf(origin, body);
    expect(links.map(({ hash }) => hash)).toEqual([first, await hashOf(first, '通卡')]);
  });

  test('is signed as the server expects it', async () => {
    const phone = await DevicePhone.make();
    phone.id = 9;
    await phone.write('one');
    const last = await phone.write('two');
    const { from, items, prev, signature } = await phone.upload();
    const text = uploadText({ device: 9, from, count: items.length, prev, last: last.hash });
    const key = await crypto.subtle.importKey('jwk', phone.publicKey, curve, false, ['verify']);
    const es256 = { name: 'ECDSA', hash: 'SHA-256' };
    const bytes = fromBase64Url(signature) ?? new Uint8Array();
    expect(await crypto.subtle.verify(es256, key, bytes, utf8(text))).toBe(true);
  });
});

describe('a receipt', () => {
  const kept = { device: 4, from: 2, through: 9, hash: 'a'.repeat(64) };
  const awaited = { issuer, ...kept };

  test('of the server lets go of what it covers', async () => {
    const receipt = await writeReceipt(counter.app.services, kept, new Date());
    expect(await isReceiptFor(receipt, awaited, keys)).toBe(true);
  });

  test.each([
    ['another phone', { device: 5 }],
    ['an earlier start', { from: 1 }],
    ['a later end', { through: 10 }],
    ['another chain', { hash: 'b'.repeat(64) }],
    ['another city', { issuer: 'https://elsewhere.example' }],
  ])('says nothing about %s', async (_, difference) => {
    const receipt = await writeReceipt(counter.app.services, kept, new Date());
    expect(await isReceiptFor(receipt, { ...awaited, ...difference }, keys)).toBe(false);
  });

  test('by anybody else, of another type or cut short says nothing', async () => {
    const receipt = await writeReceipt(counter.app.services, kept, new Date());
    const [head, body, tail] = receipt.split('.');
    const pass = toBase64Url(utf8(JSON.stringify({ alg: 'ES256', kid: String(kid), typ: 'JWT' })));
    const none = toBase64Url(utf8(JSON.stringify({ alg: 'none', typ: 'tongka-receipt+jws' })));
    const wrong = [`${pass}.${body}.${tail}`, `${none}.${body}.`, `${head}.${body}`, '', 'a.b.c'];
    expect(await isReceiptFor(receipt, awaited, strangerKeys)).toBe(false);
    for (const text of wrong) expect(await isReceiptFor(text, awaited, keys)).toBe(false);
  });
});

/** A list as the server writes it, signed by the stranger. */
async function listOf(sorted: number[]): Promise<Uint8Array<ArrayBuffer>> {
  const { k, bits } = encodeRice(sorted);
  const head = new DataView(new ArrayBuffer(11));
  head.setUint8(0, 1);
  head.setUint8(1, kid);
  head.setUint32(2, 1_800_000_000);
  head.setUint8(6, k);
  head.setUint32(7, sorted.length);
  const said = Uint8Array.from([...new Uint8Array(head.buffer), ...bits]);
  const text = Uint8Array.from([...utf8('tongka-card-status\n'), ...said]);
  const es256 = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(es256, stranger.privateKey, text);
  return Uint8Array.from([...said, ...new Uint8Array(signature)]);
}
