// Risk: a name or a phone number gets into a QR, a URL, a log, an error or a merchant's answer (I23).
import { expect, test } from 'vitest';
import { Basement } from '../support/basement.ts';
import { idIn } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { giveIdNumber } from '../support/id-card.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, app, till } = counter;
const name = '金丝雀大名';

/** A random id may hold any four digits. */
const withoutIds = (text: string) =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');

/** Whatever would tell who it is: the name beyond its first character, the number in any writing. */
async function tracesOf(cell: number, id: number): Promise<RegExp> {
  const [row] = await sql<{ user: string; phone: string }[]>`
    select user_id as user, phone_hash as phone from member where cell = ${cell} and id = ${id}`;
  if (!row) throw new Error('There is no member.');
  const name = '丝雀|大名|%E4%B8%9D|4Lid6ZuA|\\\\u4e1d';
  return new RegExp(`${name}|${row.phone}|\\+?861[36]\\d{9}|${id}`, 'i');
}

test('what a merchant, a camera and the log see names nobody', async () => {
  const benefit = await city.addBenefit({ limit: [1, 'day'] });
  const holder = await counter.addHolder({ name });
  const traces = await tracesOf(holder.cell, holder.id);
  app.logged.length = 0;
  const seen: [what: string, text: string][] = [];
  const keep = async (what: string, answer: Promise<Response>) => {
    const response = await answer;
    const text = await response.text();
    seen.push([what, text], [`${what} headers`, JSON.stringify([...response.headers])]);
    return text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
  };

  const pass = await passOf(holder);
  seen.push(['QR', pass.url], ['short code', pass.code]);
  const scan = await keep(
    'scan',
    till.post('/api/scans', { pass: pass.url, outlet: city.outlet.id }),
  );
  expect(scan).toMatchObject({ holder: { maskedName: '金＊' } });
  const ticket = String(scan?.['ticket']);
  seen.push(['ticket', Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString()]);
  const id = idIn(holder.cell);
  const wanted = { ticket, benefit, quantity: 1 };
  await keep('redemption', till.put(`/api/redemptions/${id}`, wanted));
  await keep('refusal', till.put(`/api/redemptions/${idIn(holder.cell)}`, wanted));
  await keep('conflict', till.put(`/api/redemptions/${id}`, { ...wanted, quantity: 2 }));
  await keep('today', till.get(`/api/outlets/${city.outlet.id}/redemptions`));
  await keep('events', holder.phone.get('/api/me/events?after=2000-01-01T00:00:00Z'));
  await keep('history', holder.phone.get('/api/me/redemptions'));
  await keep('catalogue', holder.phone.get('/api/benefits'));
  await keep('alert', holder.phone.post(`/api/me/redemptions/${id}/alert`));
  await keep(
    'undo',
    till.post(`/api/redemptions/${id}/reversal`, { id: idIn(holder.cell), reason: 'x' }),
  );

  // What is sent in comes back in no error and no log line either.
  const typed = { phoneLabel: `${name}13912345678\u0000`, role: name };
  await keep('bad enrolment', holder.phone.post('/api/me/card/enrolment', typed));
  await keep('bad scan', till.post('/api/scans', { pass: `${name}+8613912345678`, outlet: 1 }));
  await keep('bad path', till.get(`/api/outlets/${encodeURIComponent(name)}/redemptions`));
  await keep('bad query', holder.phone.get(`/api/benefits?q=${encodeURIComponent(name)}`));

  await sql`alter table redemption rename to redemption_gone`;
  await keep('broken', holder.phone.get('/api/me/events'));
  await keep('broken scan', till.post('/api/scans', { pass: pass.url, outlet: city.outlet.id }));
  await sql`alter table redemption_gone rename to redemption`;
  expect(app.logged.join('\n')).toContain('42P01');

  for (const [what, text] of seen) expect(text, what).not.toMatch(traces);
  expect(app.logged.join('\n')).not.toMatch(traces);
});

test('nor does what a phone without a network leaves with the manager and the unions', async () => {
  const desk = await openConsole(sql, counter);
  const basement = new Basement(counter, desk);
  const holder = await counter.addHolder({ name });
  const traces = await tracesOf(holder.cell, holder.id);
  const benefit = await basement.addBenefit({ limit: [5, 'total'] });
  const phone = await basement.pair();
  const lease = await basement.leaseOf(phone, benefit);
  const scan = await basement.scanOf(holder, benefit, lease);
  await phone.write(scan);
  await phone.write({ ...scan, id: idIn(holder.cell) });
  await phone.write({ ...scan, id: idIn(holder.cell), user: 'nobody' });
  app.logged.length = 0;
  const upload = till.post(`/api/devices/${phone.id}/uploads`, await phone.upload());
  const answers: [what: string, text: string][] = [['upload', await (await upload).text()]];
  expect(answers[0]?.[1]).toContain('pass_already_used');
  const asked = {
    items: till.get(`/api/devices/${phone.id}/items`),
    leases: till.post(`/api/devices/${phone.id}/leases`),
    briefing: till.get(`/api/devices/${phone.id}/briefing`),
    devices: desk.manager.get('/api/devices'),
    'review of the manager': desk.manager.get('/api/offline-items'),
    'review of the city': desk.at.city.get('/api/offline-items'),
    alerts: desk.at.city.get('/api/alerts'),
    audit: desk.at.city.get('/api/audit'),
  };
  for (const [what, answer] of Object.entries(asked)) {
    const response = await answer;
    expect(response.status, what).toBe(200);
    answers.push([what, await response.text()]);
  }
  const [, receipt = ''] = /"receipt":"[^."]+\.([^."]+)/.exec(answers[0]?.[1] ?? '') ?? [];
  answers.push(['receipt', Buffer.from(receipt, 'base64url').toString()]);
  const told = new RegExp(`${traces.source}|${holder.card}|${scan.pass.slice(-60)}`, 'i');
  for (const [what, text] of answers) expect(text, what).not.toMatch(told);
  expect(app.logged.join('\n')).not.toMatch(told);
});

test('a negative control: the traces are found where they may be', async () => {
  const holder = await counter.addHolder({ name });
  const traces = await tracesOf(holder.cell, holder.id);
  const own = await expectStatus(holder.phone.get('/api/me/passes'), 200);
  expect(JSON.stringify(own)).toMatch(traces);
  expect(`+8613912345678`).toMatch(traces);
});

test('nor what is typed of an ID card, a proxy’s phone or a name that confirms', async () => {
  const holder = await counter.addHolder({ name });
  const number = await giveIdNumber(sql, holder);
  const desk = await openConsole(sql, counter);
  const traces = new RegExp(
    `${(await tracesOf(holder.cell, holder.id)).source}|${number}|${number.slice(-4)}|${number.slice(6, 14)}|13912345678|表姐`,
    'i',
  );
  const printed = `/api/members/${holder.id}/printed-card`;
  const issued = await expectStatus<{ card: { content: string } }>(
    desk.at.home.put(printed, { reason: '备用' }),
    200,
  );
  app.logged.length = 0;
  const scan = (idLastFour?: string) => ({
    ...{ pass: issued.card.content, outlet: city.outlet.id },
    ...(idLastFour && { idLastFour }),
  });
  const wrong = (number.startsWith('9', 14) ? '8' : '9') + number.slice(-3);
  const { phone } = holder;
  const answers = [
    await till.post('/api/scans', scan()),
    await till.post('/api/scans', scan(wrong)),
    await till.post('/api/scans', scan(number)),
    await till.post('/api/scans', scan(number.slice(-4))),
    await phone.post('/api/me/proxies', { phone: '139-1234-5678x', label: '表姐' }),
    await phone.post('/api/me/proxies', { phone: '13912345678', label: '表姐\u0000' }),
    await phone.post('/api/me/erasure', { name: '大名' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([422, 422, 400, 200, 400, 400, 422]);
  for (const answer of answers) {
    expect(withoutIds(await answer.text())).not.toMatch(traces);
    expect(withoutIds(JSON.stringify([...answer.headers]))).not.toMatch(traces);
  }
  await expectStatus(phone.post('/api/me/proxies', { phone: '13912345678', label: '表姐' }), 200);
  // Its own address names the member to his own union's desk, and its log by the same number.
  const logged = app.logged.map((line) => withoutIds(line.replaceAll(printed, '')));
  expect(logged.join('\n')).not.toMatch(traces);
});
