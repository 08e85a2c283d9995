// Risk: somebody who holds no key of ours makes a pass that is accepted, or makes the database work for a forged one.
import { createHmac, createPrivateKey, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkJws, signingInput, toJws } from '../../api/passes/jws.ts';
import { KeyRing } from '../../api/passes/keys.ts';
import { packPass, type Claims, unpackPass } from '../../api/passes/pack.ts';
import { openKey } from '../../api/passes/seal.ts';
import { createApp, testSecret } from '../support/app.ts';
import { Counter, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { es256, forgeJws, order, withS } from '../support/forge.ts';

const database = await createDatabase();
const { sql } = database;
const { city } = await openCounter(sql);

// The counter whose statements are counted has a pool of its own.
const statements: string[] = [];
const counted = database.connect({ onStatement: (statement) => statements.push(statement) });
const app = createApp(counted);
const counter = new Counter(city, app, await app.signInAs(city.operator.userId));
const holder = await counter.addHolder();
const issuer = app.services.config.origin;
const prefix = `${issuer.toUpperCase()}/Q/`;

const [row] = await sql<{ kid: number; publicJwk: JsonWebKey; cipher: Uint8Array }[]>`
  select kid, public_jwk as "publicJwk", private_cipher as cipher from signing_key`;
if (!row) throw new Error('There is no key.');
const { kid, publicJwk } = row;
const ours = createPrivateKey({
  key: { ...(await openKey(testSecret, kid, row.cipher)) },
  format: 'jwk',
});
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const exp = (Math.floor(Date.now() / 60_000) + 1) * 60;
const claims: Claims = { kid, card: holder.card, jti: 12_345, exp };
const header = { alg: 'ES256', kid: String(kid), typ: 'tongka-pass+jws' };
const payload = { iss: issuer, card: String(claims.card), jti: '12345', exp };
const payloadText = JSON.stringify(payload);
const signOurs = (input: string) => withS(es256(ours, input), 'low');
const genuine = signOurs(signingInput(issuer, claims));

function check(jws: string) {
  return checkJws(jws, issuer, (wanted) => app.services.keys.verifier(counted, wanted));
}

async function sealed(signature: Uint8Array<ArrayBuffer>, changed: Partial<Claims> = {}) {
  return problemOf(
    counter.till.post('/api/scans', {
      pass: prefix + packPass({ ...claims, ...changed, signature }),
      outlet: city.outlet.id,
    }),
  );
}

beforeAll(async () => {
  await counter.scan({ pass: (await passOf(holder)).url });
});

describe('a JWS in any other words than the template’s is refused', () => {
  test('and the template’s own is accepted: the control of this table', async () => {
    expect(await check(toJws(issuer, claims, genuine))).toEqual(claims);
    expect(await check(forgeJws(header, payload, signOurs))).toEqual(claims);
  });

  const hs = (bits: 256 | 512, secret: string) => (input: string) =>
    createHmac(`sha${bits}`, secret).update(input).digest();
  const pem = 'x' in publicJwk ? JSON.stringify(publicJwk) : '';
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
  const bySign = {
    'alg none, no signature': [{ ...header, alg: 'none' }, () => new Uint8Array()],
    'alg None': [{ ...header, alg: 'None' }, signOurs],
    'alg missing': [{ kid: header.kid, typ: header.typ }, signOurs],
    'alg HS256 with the public key': [{ ...header, alg: 'HS256' }, hs(256, pem)],
    'alg HS512 with the public key': [{ ...header, alg: 'HS512' }, hs(512, pem)],
    'alg ES384 with a valid kid': [
      { ...header, alg: 'ES384' },
      (input: string) =>
        nodeSign('sha384', Buffer.from(input), {
          key: p384.privateKey,
          dsaEncoding: 'ieee-p1363',
        }),
    ],
    'a key of its own in jwk': [
      { ...header, jwk: foreignJwk },
      (input: string) => es256(foreign.privateKey, input),
    ],
    'a key of its own in jku': [{ ...header, jku: 'https://evil.example/jwks.json' }, signOurs],
    'a key of its own in x5u': [{ ...header, x5u: 'https://evil.example/key.pem' }, signOurs],
    'a key of its own in x5c': [{ ...header, x5c: ['MIIB'] }, signOurs],
    'a key of its own under our kid': [
      header,
      (input: string) => withS(es256(foreign.privateKey, input), 'low'),
    ],
    crit: [{ ...header, crit: ['exp'], exp: 1 }, signOurs],
    'crit b64': [{ ...header, crit: ['b64'], b64: false }, signOurs],
    'another typ': [{ ...header, typ: 'JWT' }, signOurs],
    'a scan ticket’s typ': [{ ...header, typ: 'tongka-scan+jwt' }, signOurs],
    'no typ': [{ alg: header.alg, kid: header.kid }, signOurs],
    'kid as a path': [{ ...header, kid: '../../etc/passwd' }, signOurs],
    'kid as SQL': [{ ...header, kid: "' OR 1=1" }, signOurs],
    'kid of 10 kB': [{ ...header, kid: '1'.repeat(10_240) }, signOurs],
    'kid with NUL': [{ ...header, kid: `${kid}\0` }, signOurs],
    'kid as a number': [{ ...header, kid }, signOurs],
    'kid with a zero before it': [{ ...header, kid: `0${kid}` }, signOurs],
    'kid missing': [{ alg: header.alg, typ: header.typ }, signOurs],
    'kid unknown': [{ ...header, kid: '254' }, signOurs],
    'kid 0': [{ ...header, kid: '0' }, signOurs],
    'the header in another order': [
      { typ: header.typ, kid: header.kid, alg: header.alg },
      signOurs,
    ],
    'a header that is a list': [[header], signOurs],
    'a header that is no JSON': ['{"alg":', signOurs],
  } as const;
  test.each(Object.entries(bySign))('%s', async (_name, [forgedHeader, sign]) => {
    expect(await check(forgeJws(forgedHeader, payload, sign))).toBeNull();
  });

  const byPayload: Record<string, unknown> = {
    'another issuer': { ...payload, iss: 'https://card.shanghai.example' },
    'no issuer': { card: payload.card, jti: payload.jti, exp },
    'the issuer in capitals': { ...payload, iss: issuer.toUpperCase() },
    'exp as text': { ...payload, exp: String(exp) },
    'exp as a float': { ...payload, exp: exp + 0.5 },
    'exp as a float that is whole': payloadText.replace(String(exp), `${exp}.0`),
    'exp of 1e308': payloadText.replace(String(exp), '1e308'),
    'exp of 1e400': payloadText.replace(String(exp), '1e400'),
    'exp negative': { ...payload, exp: -exp },
    'exp in milliseconds': { ...payload, exp: exp * 1000 },
    'exp missing': { iss: issuer, card: payload.card, jti: payload.jti },
    'exp twice': payloadText.replace('}', `,"exp":${exp}}`),
    'iat far ahead': { ...payload, iat: exp + 1e9 },
    nbf: { ...payload, nbf: 0 },
    'a number as card': { ...payload, card: claims.card },
    'a card of 41 bits': { ...payload, card: String(2 ** 40) },
    'a card with a zero before it': { ...payload, card: `0${payload.card}` },
    'a card in hexadecimal': { ...payload, card: '0x1F' },
    'a negative jti': { ...payload, jti: '-1' },
    'a space': payloadText.replace(':', ': '),
    'another order': { exp, jti: payload.jti, card: payload.card, iss: issuer },
    __proto__: payloadText.replace('}', ',"__proto__":{"exp":1}}'),
    'a list': [payload],
    null: 'null',
    'no JSON': '{"iss":',
    nothing: '',
  };
  test.each(Object.entries(byPayload))('payload: %s', async (_name, forged) => {
    expect(await check(forgeJws(header, forged, signOurs))).toBeNull();
  });

  test('five parts, two parts, padding, other alphabets, and no end', async () => {
    const jws = toJws(issuer, claims, genuine);
    const [h = '', p = '', s = ''] = jws.split('.');
    for (const other of [
      `${h}.${p}.${s}.${s}.${s}`,
      `${h}.${p}`,
      `${h}.${p}.`,
      `.${p}.${s}`,
      `${jws}=`,
      `${jws}==`,
      `${jws}A`,
      ` ${jws}`,
      `${jws}\n`,
      `${h}.${p}.${s.slice(0, -1)}${nextLetter(s)}`,
      JSON.stringify({ protected: h, payload: p, signature: s }),
      `${jws}${'A'.repeat(100_000)}`,
      '',
      '..',
      '....',
    ])
      expect(await check(other), other.slice(0, 40)).toBeNull();
  });

  /** The same bits of content, other bits after their end. */
  function nextLetter(base64: string): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return letters.charAt(letters.indexOf(base64.slice(-1)) ^ 1);
  }
});

describe('a signature in any other form is refused', () => {
  const toBytes = (r: bigint, s: bigint) =>
    new Uint8Array(
      Buffer.from([r, s].map((n) => n.toString(16).padStart(64, '0')).join(''), 'hex'),
    );
  const der = () =>
    new Uint8Array(nodeSign('sha256', Buffer.from(signingInput(issuer, claims)), { key: ours }));

  test('the high s, which anybody can make of a genuine one', async () => {
    const high = withS(genuine, 'high');
    expect(high).not.toEqual(genuine);
    expect(await check(toJws(issuer, claims, high))).toBeNull();
    expect(await sealed(high)).toMatchObject({ status: 422, code: 'pass_invalid' });
  });

  test('r = s = 0, r or s beyond the order, 63 and 65 bytes, DER', async () => {
    for (const signature of [
      new Uint8Array(64),
      toBytes(0n, 1n),
      toBytes(1n, 0n),
      toBytes(order, 1n),
      toBytes(1n, order),
      new Uint8Array(64).fill(0xff),
      genuine.slice(0, 63),
      new Uint8Array([...genuine, 0]),
      new Uint8Array([0, ...genuine]),
      der(),
      new Uint8Array(),
    ])
      expect(await check(toJws(issuer, claims, signature))).toBeNull();
  });
});

describe('over HTTP', () => {
  test('a changed claim under a genuine signature', async () => {
    for (const changed of [
      { card: claims.card + 1 },
      { jti: claims.jti + 1 },
      { exp: exp + 60 },
      { exp: exp * 2 },
      { kid: (kid % 255) + 1 },
      { kid: 0 },
    ])
      expect(await sealed(genuine, changed)).toMatchObject({ status: 422, code: 'pass_invalid' });
  });

  test('whatever QR people bring gets a sentence, not a failure', async () => {
    const token = packPass({ ...claims, signature: genuine });
    const [lastBits] = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'].filter(
      (last) => unpackPass(token.slice(0, -1) + last) === null,
    );
    for (const pass of [
      toJws(issuer, claims, genuine),
      `${toJws(issuer, claims, genuine)}.a.b`,
      token.slice(0, -1) + (lastBits ?? ''),
      `${token}=`,
      `${prefix}${token}?x=1`,
      `${prefix}${token}/`,
      `${prefix}${token}#`,
      `${prefix}../Q/${token}`,
      `javascript:${token}`,
      `HTTP://USER@LOCALHOST:8787/Q/${token}`,
      `${prefix} ${token}`,
      `${prefix}${token}\n`,
      token.replace('A', 'Α'),
      `${prefix}\u0000`,
      '\ud800',
      'wxp://f2f0abcdef',
      'https://qr.alipay.com/fkx1234',
      '6901234567892',
      '（请出示会员卡）',
      'A'.repeat(7089),
    ])
      expect(
        await problemOf(counter.till.post('/api/scans', { pass, outlet: city.outlet.id })),
        pass.slice(0, 60),
      ).toMatchObject({ status: 422, code: 'pass_invalid' });
  });

  test('a code of another city is called that', async () => {
    const token = packPass({ ...claims, signature: genuine });
    for (const host of [
      'HTTPS://CARD.SHANGHAI.EXAMPLE',
      'HTTP://LOCALHOST',
      'HTTPS://LOCALHOST:8787',
    ])
      expect(
        await problemOf(
          counter.till.post('/api/scans', { pass: `${host}/Q/${token}`, outlet: city.outlet.id }),
        ),
      ).toMatchObject({ status: 422, code: 'pass_of_another_city' });
  });

  test('lower and upper case are one pass', async () => {
    const { url } = await passOf(holder);
    expect((await counter.scan({ pass: url.toLowerCase() })).holder).toEqual({
      maskedName: '李＊',
    });
    expect((await counter.scan({ pass: url.slice(prefix.length) })).cell).toBe(holder.cell);
  });

  test('a forged pass and a wrong short code cost no statement, a genuine one costs one', async () => {
    const { url, code } = await passOf(holder);
    // The keys were read just now: an unknown kid makes it look again only after a while.
    counter.app.services.keys.forget();
    await counter.scan({ pass: url });
    statements.length = 0;
    await sealed(genuine, { kid: 254 });
    for (let i = 0; i < 20; i++) await sealed(withS(es256(foreign.privateKey, `${i}`), 'low'));
    await problemOf(counter.till.post('/api/scans', { pass: 'x', outlet: city.outlet.id }));
    const wrong = code.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(
      await problemOf(counter.till.post('/api/scans', { code: wrong, outlet: city.outlet.id })),
    ).toMatchObject({ status: 422, code: 'pass_invalid' });
    expect(statements).toEqual([]);
    await counter.scan({ pass: url });
    expect(statements).toHaveLength(1);
    await counter.scan({ code });
    expect(statements).toHaveLength(2);
  });

  test('unknown kids make a key ring look again once in five seconds, however many come', async () => {
    let elapsedMs = 0;
    const ring = new KeyRing(testSecret, () => elapsedMs);
    expect(await ring.verifier(counted, kid)).not.toBeNull();
    statements.length = 0;
    const storm = () =>
      Promise.all(Array.from({ length: 200 }, (_, i) => ring.verifier(counted, 55 + i)));
    await storm();
    expect(statements).toHaveLength(0);
    elapsedMs += 5_001;
    await storm();
    await storm();
    expect(statements).toHaveLength(1);
  });
});
