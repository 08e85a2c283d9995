// Risk: the two runtimes drift apart (I24), or a redemption costs one of them more than its one statement.
import { compactVerify, createLocalJWKSet, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { terms } from '../support/basement.ts';
import { type Answer, Caller } from '../support/caller.ts';
import { buildCity, idIn } from '../support/city.ts';
import { Contract } from '../support/contract.ts';
import { passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { DevicePhone } from '../support/device-phone.ts';
import { allowOffline } from '../support/offline.ts';
import { runtimes } from '../support/runtimes.ts';
import { countStatements, type StatementProxy } from '../support/statement-proxy.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
const answers = new Map<string, unknown>();

describe.each(runtimes)('%s', (runtime) => {
  let proxy: StatementProxy;
  let contract: Contract;
  let till: Caller;

  beforeAll(async () => {
    proxy = await countStatements(database.url);
    contract = await Contract.start(runtime, proxy.url, city, answers);
    till = await signInAs(city.operator.userId);
  });
  afterAll(async () => {
    await contract.server.stop();
    await proxy.close();
  });

  const signInAs = (userId: string) => contract.signInAs(userId);
  const addHolder = (name: string) => contract.addHolder(name);
  const agree = (name: string, asked: Promise<Answer>) => contract.agree(name, asked);
  const scan = (shown: { pass: string } | { code: string }) =>
    till.ask('POST', '/api/scans', { ...shown, outlet: city.outlet.id });
  const redeem = (id: string, wanted: object) => till.ask('PUT', `/api/redemptions/${id}`, wanted);

  test('show, scan, redeem, again, undo', async () => {
    const benefit = await city.addBenefit({ pools: { [city.unions.home]: 2, shared: 0 } });
    const holder = await addHolder('欧阳小明');
    const pass = await passOf(holder);
    const scanned = await agree('scan', scan({ pass: pass.url }));
    expect(scanned.status).toBe(200);
    const wanted = { ticket: scanned.body['ticket'], benefit, quantity: 1 };
    const id = idIn(holder.member.cell);
    expect((await agree('redeem', redeem(id, wanted))).status).toBe(201);
    expect((await agree('the same again', redeem(id, wanted))).status).toBe(200);
    const other = await agree('other content', redeem(id, { ...wanted, quantity: 2 }));
    expect(other.body['code']).toBe('exists_with_different_content');
    const used = await agree('another id', redeem(idIn(holder.member.cell), wanted));
    expect(used.body['code']).toBe('pass_already_used');
    expect((await agree('the short code', scan({ code: pass.code }))).status).toBe(200);
    expect((await agree('news', holder.phone.ask('GET', '/api/me/events'))).status).toBe(200);
    const undo = { id: idIn(holder.member.cell), reason: '扫错了' };
    const undone = till.ask('POST', `/api/redemptions/${id}/reversal`, undo);
    expect((await agree('undo', undone)).status).toBe(201);
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('claim, again, confirm, move, be told, give up', async () => {
    const benefit = await city.addBenefit({ limit: [5, 'total'], pools: { shared: 2 }, price: 0 });
    await city.letClaim(benefit, { holdMinutes: 30 });
    const [early, later] = [
      await city.addSession(benefit, { cap: 1 }),
      await city.addSession(benefit, { cap: 2, startsAt: '2080-06-04T10:00:00+08:00' }),
    ];
    const { member, phone } = await addHolder('申领一');
    const friend = await addHolder('申领二');
    const id = idIn(member.cell);
    const put = (by: Caller, as: string, what: object) => by.ask('PUT', `/api/claims/${as}`, what);
    const wanted = { benefit, session: early };
    const made = await agree('claim', put(phone, id, wanted));
    expect([made.status, made.body['state']]).toEqual([201, 'held']);
    expect((await agree('claim again', put(phone, id, wanted))).status).toBe(200);
    const other = await agree(
      'claim other',
      put(phone, id, { ...wanted, session: null, quantity: 2 }),
    );
    expect(other.body['code']).toBe('exists_with_different_content');
    const waits = idIn(friend.member.cell);
    const full = await agree('claim what is full', put(friend.phone, waits, wanted));
    expect(full.body['code']).toBe('session_full');
    const queued = await agree('wait', put(friend.phone, waits, { ...wanted, waits: true }));
    expect(queued.body['state']).toBe('waiting');
    const say = (by: Caller, verb: string, what?: object) =>
      by.ask('POST', `/api/claims/${by === phone ? id : waits}/${verb}`, what);
    expect((await agree('confirm', say(phone, 'confirmation'))).body['state']).toBe('confirmed');
    expect((await agree('confirm again', say(phone, 'confirmation'))).status).toBe(200);
    expect((await agree('move', say(phone, 'move', { session: later }))).status).toBe(200);
    expect((await agree('offered', friend.phone.ask('GET', '/api/me/inbox'))).body).toMatchObject({
      unread: 1,
      items: [{ state: 'offered' }],
    });
    expect((await agree('unread', friend.phone.ask('GET', '/api/me/inbox/unread'))).body).toEqual({
      unread: 1,
    });
    const file = await phone.ask('GET', `/api/claims/${id}/calendar`);
    expect([file.status, file.type]).toEqual([200, 'text/calendar; charset=utf-8']);
    expect(String(file.body['text'])).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
    expect((await agree('own claims', phone.ask('GET', '/api/me/claims'))).status).toBe(200);
    expect((await agree('give up', say(phone, 'cancellation'))).body['state']).toBe('cancelled');
    expect((await agree('give up again', say(phone, 'cancellation'))).status).toBe(200);
    const ended = await agree('confirm what is over', say(phone, 'confirmation'));
    expect(ended.body['code']).toBe('claim_ended');
    const foreign = await agree('another’s', friend.phone.ask('GET', `/api/claims/${id}`));
    expect(foreign.body['code']).toBe('not_found');
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('a redemption is one statement, a forged pass none', async () => {
    const benefit = await city.addBenefit({ pools: { shared: 5 } });
    const [first, second] = [await addHolder('甲一'), await addHolder('乙二')];
    for (const holder of [first, second]) {
      const { body } = await scan({ pass: (await passOf(holder)).url });
      const wanted = { ticket: body['ticket'], benefit, quantity: 1 };
      proxy.take();
      expect((await redeem(idIn(holder.member.cell), wanted)).status).toBe(201);
      expect(proxy.take()).toBe(1);
    }
    const { url } = await passOf(first);
    const forged = url.replace(/.{20}$/, 'A'.repeat(20));
    proxy.take();
    const refused = await agree('forged', scan({ pass: forged }));
    expect(refused.body['code']).toBe('pass_invalid');
    expect(proxy.take()).toBe(0);
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('a download longer than a page arrives whole', async () => {
    const uses = 1100;
    const benefit = await city.addBenefit({ limit: [uses, 'total'], pools: { shared: uses } });
    const member = await city.addMember();
    const [key] = await sql<{ kid: number }[]>`select kid from signing_key`;
    const items = Array.from({ length: uses }, () => {
      return { ...city.item(member, benefit), kid: key?.kid ?? 0 };
    });
    await sql`select count(*) from redeem(${sql.json(items)}) where outcome = 'accepted'`;
    const officer = await contract.signInOfficer(city.unions.root);
    const file = await officer.ask('GET', `/api/redemptions.csv?benefit=${benefit}`);
    expect(file.status).toBe(200);
    expect(String(file.body['text']).trim().split('\r\n')).toHaveLength(uses + 1);
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('lists go there and back: deeds of a union, places of districts, outlets of an operator', async () => {
    const { root, home } = city.unions;
    const officer = await contract.signInOfficer(root);
    const { unions } = (await officer.ask('GET', '/api/unions')).body;
    expect(
      (unions as { id: number; deeds: unknown }[]).find(({ id }) => id === root),
    ).toMatchObject({
      deeds: expect.arrayContaining(['terms']) as unknown,
    });
    const benefit = await city.addBenefit({ pools: { [home]: 1 } });
    const cap = { cap: 3, reason: '加名额' };
    const places = officer.ask('PUT', `/api/benefits/${benefit}/allocations/${home}`, cap);
    expect((await agree('more places', places)).status).toBe(200);
    const { partner } = city.outlet;
    const manager = await signInAs((await city.addOperator(partner, [], 'manager')).userId);
    const invite = (phone: number, outlets: number[]) =>
      manager.ask('POST', '/api/operators', {
        ...{ partner, outlets, name: '小李', phone: `+86${phone}` },
      });
    const phone = 16_900_009_000 + runtimes.indexOf(runtime);
    const foreign = await city.addOutlet(await city.addPartner(home), home);
    const wrong = await agree('an outlet of another', invite(phone, [foreign.id]));
    expect(wrong.body['code']).toBe('invalid_request');
    const both = [city.outlet.id, city.homeOutlet.id];
    expect((await agree('an operator', invite(phone, both))).status).toBe(201);
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('pair, learn, scan without a network, upload, again', async () => {
    const benefit = await city.addBenefit({ limit: [5, 'total'], pools: { shared: 20 } });
    await allowOffline(sql, benefit, terms);
    const manager = await signInAs(
      (await city.addOperator(city.outlet.partner, [], 'manager')).userId,
    );
    const holder = await addHolder('离线一');
    const phone = await DevicePhone.make();
    const { publicKey } = phone;
    const invited = await manager.ask('POST', `/api/outlets/${city.outlet.id}/pairings`, {
      name: '一号机',
    });
    expect(invited.status).toBe(201);
    const { code } = invited.body;
    const offCurve = { ...publicKey, y: publicKey.x };
    const wrong = till.ask('POST', '/api/devices', { code, publicKey: offCurve });
    expect((await agree('no point of the curve', wrong)).status).toBe(400);
    const paired = await agree('pair', till.ask('POST', '/api/devices', { code, publicKey }));
    phone.id = Number(paired.body['id']);
    const path = `/api/devices/${phone.id}`;
    const twice = await agree('pair again', till.ask('POST', '/api/devices', { code, publicKey }));
    expect(twice.body['code']).toBe('pairing_invalid');

    expect((await agree('briefing', till.ask('GET', `${path}/briefing`))).status).toBe(200);
    const list = await till.ask('GET', '/api/card-status');
    expect([list.status, list.type]).toEqual([200, 'application/octet-stream']);
    const { body } = await agree('leases', till.ask('POST', `${path}/leases`));
    const [lease] = body['leases'] as { id: number }[];
    await phone.write({
      id: idIn(holder.member.cell),
      pass: (await passOf(holder)).url,
      benefit,
      quantity: 1,
      lease: lease?.id ?? 0,
      scannedAt: new Date().toISOString(),
      clockOffsetMs: 0,
      listAt: null,
      user: city.operator.userId,
    });
    await phone.write('not a scan');
    const sent = await phone.upload();
    for (const time of ['first', 'second']) {
      const answer = await agree(
        `upload, the ${time} time`,
        till.ask('POST', `${path}/uploads`, sent),
      );
      expect(answer.body['verdicts']).toEqual([
        { seq: 1, verdict: 'accepted', reason: null },
        { seq: 2, verdict: 'invalid', reason: 'malformed' },
      ]);
      const { keys } = (await till.ask('GET', '/.well-known/jwks.json')).body;
      const jwks = createLocalJWKSet({ keys: keys as JWK[] });
      const { payload } = await compactVerify(String(answer.body['receipt']), jwks);
      const said = JSON.parse(new TextDecoder().decode(payload)) as object;
      const last = phone.entries.at(-1)?.hash;
      expect(said).toMatchObject({
        iss: contract.server.origin,
        device: phone.id,
        through: 2,
        hash: last,
      });
    }
    const altered = { ...sent, prev: sent.prev.replace('0', '1') };
    const refused = await agree('altered', till.ask('POST', `${path}/uploads`, altered));
    expect(refused.body['code']).toBe('upload_not_signed');
    expect((await agree('items', till.ask('GET', `${path}/items`))).status).toBe(200);
    expect((await agree('returned', till.ask('DELETE', `${path}/leases`))).status).toBe(200);
    const ended = manager.ask('POST', `${path}/revocation`, { reason: '换机' });
    expect((await agree('revoked', ended)).status).toBe(200);
    const late = await agree('leases of a revoked one', till.ask('POST', `${path}/leases`));
    expect(late.body['code']).toBe('device_revoked');
    await sql`delete from benefit_partner where benefit_id = ${benefit}`;
  });

  test('what is wrong is refused alike', async () => {
    const json = { 'Content-Type': 'application/json' };
    const post = (body: string, headers: Record<string, string> = json) =>
      till.send('/api/scans', { method: 'POST', headers, body });
    const outlet = city.outlet.id;
    const wrong: [string, Promise<Answer>, number][] = [
      ['no JSON', post('{'), 400],
      ['a list', post('[]'), 400],
      ['a mark first', post('\ufeff{}'), 400],
      ['deep', post('['.repeat(100_000)), 400],
      ['unknown field', post(JSON.stringify({ pass: 'x', outlet, role: 'city' })), 400],
      ['prototype', post('{"__proto__":{"outlet":1},"pass":"x"}'), 400],
      ['a form', post('pass=x', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415],
      ['another site', post('{}', { ...json, Origin: 'https://evil.example' }), 403],
      ['large', post(JSON.stringify({ pass: 'x'.repeat(300_000), outlet })), 413],
      ['no pass', post(JSON.stringify({ pass: '你好', outlet })), 422],
      ['a number as text', post(JSON.stringify({ pass: 'x', outlet: '1' })), 400],
      ['beyond integers', post(`{"pass":"x","outlet":9007199254740993}`), 400],
      ['no such address', till.ask('GET', '/api/%00'), 404],
      ['a method it does not take', till.ask('DELETE', '/api/scans'), 404],
      ['no id', till.ask('PUT', '/api/redemptions/1', {}), 400],
      ['nobody', new Caller(contract.server).ask('GET', '/api/me/passes'), 401],
    ];
    for (const [name, asked, status] of wrong) {
      const answer = await agree(name, asked);
      expect(answer.status, name).toBe(status);
      expect(answer.type, name).toContain('application/problem+json');
    }
  });
});
