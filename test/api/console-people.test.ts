// Risk: a suspended operator goes on, a manager reaches beyond his partner, an alert is closed twice or by the wrong
// union, or an entry of the audit reaches who has no business with it.
import { expect, test } from 'vitest';
import { localDay } from '../../web/src/lib/console/day.ts';
import { openConsole, signInSomebody } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home, host } = desk.city.unions;

async function alertOn(redemption: string, union: number): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into alert (kind, cell, redemption_id, union_id, raised_at)
    select 'not_me', cell, id, ${union}, clock() from redemption where id = ${redemption}
    returning id`;
  return row?.id ?? 0;
}

test('a manager sees who scans for his partner, and nobody else does', async () => {
  const stranger = await desk.city.addOperator(await desk.city.addPartner(host), []);
  const answer = await desk.manager.get('/api/operators');
  const { operators } = (await answer.json()) as { operators: { id: number; outlets: object[] }[] };
  expect(operators.map(({ id }) => id)).toContain(desk.city.operator.id);
  expect(operators.map(({ id }) => id)).not.toContain(stranger.id);
  expect(operators.find(({ id }) => id === desk.city.operator.id)?.outlets).toHaveLength(2);
  expect((await desk.at.city.get('/api/operators')).status).toBe(404);
});

test('a suspension is recorded for the district of the partner and ends once', async () => {
  const { id } = await desk.city.addOperator(desk.city.outlet.partner, [desk.city.outlet]);
  const path = `/api/operators/${id}/suspension`;
  const suspended = await desk.manager.post(path, { reason: '交接班' });
  expect(await suspended.json()).toEqual({ id, suspendedAt: expect.any(String) });
  expect((await desk.manager.post(path, { reason: '交接班' })).status).toBe(409);
  const readmitted = await desk.manager.delete(path, { reason: '回岗' });
  expect(await readmitted.json()).toEqual({ id, suspendedAt: null });
  expect(await desk.entries('operator', id)).toMatchObject([
    { user_id: desk.manager.userId, union_id: host, action: 'operator.suspend', reason: '交接班' },
    { user_id: desk.manager.userId, union_id: host, action: 'operator.readmit', reason: '回岗' },
  ]);
});

test('a manager suspends neither himself nor another partner’s operator', async () => {
  const [self] = await sql<{ id: number }[]>`
    select id from operator where user_id = ${desk.manager.userId}`;
  const stranger = await desk.city.addOperator(await desk.city.addPartner(host), []);
  for (const id of [self?.id, stranger.id, 2_000_000_000]) {
    const answer = await desk.manager.post(`/api/operators/${id}/suspension`, { reason: '试' });
    expect(answer.status).toBe(404);
  }
});

test('an alert is seen by the union that paid and those above it, and closed once', async () => {
  const id = await alertOn(await desk.redeem(await desk.addCityBenefit()), home);
  const seen = async (browser: typeof desk.manager) => {
    const answer = await browser.get('/api/alerts?state=open');
    const { alerts } = (await answer.json()) as { alerts: { id: number; canClose: boolean }[] };
    return alerts.find((alert) => alert.id === id);
  };
  expect(await seen(desk.at.home)).toMatchObject({ canClose: true, redemption: { quantity: 1 } });
  expect(await seen(desk.at.city)).toMatchObject({ canClose: true });
  expect(await seen(desk.at.viewer)).toMatchObject({ canClose: false });
  expect(await seen(desk.at.host)).toBeUndefined();
  const close = (browser: typeof desk.manager) =>
    browser.post(`/api/alerts/${id}/close`, { reason: '已与会员核实' });
  expect((await close(desk.at.host)).status).toBe(404);
  expect((await close(desk.at.viewer)).status).toBe(404);
  const answers = await Promise.all([desk.at.home, desk.at.city, desk.at.home].map(close));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  expect(await seen(desk.at.home)).toBeUndefined();
  expect(await desk.entries('alert', id)).toMatchObject([
    { action: 'alert.close', union_id: home, reason: '已与会员核实' },
  ]);
});

test('alerts come a page at a time, each once', async () => {
  const benefit = await desk.addCityBenefit();
  const made: number[] = [];
  for (let i = 0; i < 5; i += 1) made.push(await alertOn(await desk.redeem(benefit), root));
  const seen: number[] = [];
  let next: string | null = '';
  while (next !== null) {
    const answer = await desk.at.city.get(
      `/api/alerts?limit=2${next === '' ? '' : `&cursor=${next}`}`,
    );
    const page = (await answer.json()) as { alerts: { id: number }[]; next: string | null };
    seen.push(...page.alerts.map(({ id }) => id));
    next = page.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(made));
});

test('an entry is read by the union it concerns and those above it, by filter and by page', async () => {
  const benefit = await desk.addCityBenefit();
  for (const [pool, cap] of [
    [home, 1],
    [host, 2],
    ['shared', 3],
    [home, 4],
  ] as const) {
    await desk.at.city.put(`/api/benefits/${benefit}/allocations/${pool}`, { cap, reason: '调' });
  }
  const read = async (browser: typeof desk.manager, query = '') => {
    const answer = await browser.get(`/api/audit?subject=benefit&subjectId=${benefit}${query}`);
    return (await answer.json()) as {
      entries: { at: string; after: { cap: number } }[];
      next: string | null;
    };
  };
  const capsOf = ({ entries }: Awaited<ReturnType<typeof read>>) =>
    entries.map(({ after }) => after.cap);
  expect(capsOf(await read(desk.at.city))).toEqual([4, 3, 2, 1]);
  expect(capsOf(await read(desk.at.viewer))).toEqual([4, 1]);
  expect(capsOf(await read(desk.at.host))).toEqual([2]);
  expect(capsOf(await read(desk.at.city, `&union=${host}`))).toEqual([2]);
  expect(capsOf(await read(desk.at.city, '&action=benefit.pause'))).toEqual([]);
  const { entries } = await read(desk.at.city);
  const today = localDay(entries[0]?.at ?? '');
  const nextDay = localDay(Date.parse(entries[0]?.at ?? '') + 86_400_000);
  expect(capsOf(await read(desk.at.city, `&by=${desk.at.city.userId}`))).toEqual([4, 3, 2, 1]);
  expect(capsOf(await read(desk.at.city, `&by=${desk.at.home.userId}`))).toEqual([]);
  expect(capsOf(await read(desk.at.city, `&from=${today}&to=${today}`))).toEqual([4, 3, 2, 1]);
  expect(capsOf(await read(desk.at.city, `&from=${nextDay}`))).toEqual([]);
  expect(await read(desk.at.city, `&from=${nextDay}&to=${today}`)).toMatchObject({
    code: 'invalid_request',
  });
  const first = await read(desk.at.city, '&limit=3');
  expect(capsOf(await read(desk.at.city, `&limit=3&cursor=${first.next}`))).toEqual([1]);
  expect(first.entries[0]).toMatchObject({ actor: { id: desk.at.city.userId }, reason: '调' });
});

test('partners of all districts can be looked up by every officer and by nobody else', async () => {
  const find = async (query: string) => {
    const answer = await desk.at.viewer.get(`/api/partners${query}`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { partners: { id: number; outlets: object[] }[] }).partners;
  };
  const { partner } = desk.city.outlet;
  const chain = (await find('')).find(({ id }) => id === partner);
  expect(chain?.outlets).toHaveLength(2);
  expect((await find(`?district=${home}`)).map(({ id }) => id)).toEqual([partner]);
  expect(await find(`?q=${encodeURIComponent('没有这家')}`)).toEqual([]);
  expect((await find('?q=galaxy&kind=cinema')).map(({ id }) => id)).toContain(partner);
  expect(await find('?kind=gym')).toEqual([]);
  expect((await desk.manager.get('/api/partners')).status).toBe(404);
});

test('an office counts only after the second factor, while it is not suspended, and while the session lives', async () => {
  const officer = await signInSomebody(desk.app);
  await sql`
    insert into officer (user_id, union_id, role) values (${officer.userId}, ${home}, 'administrator')`;
  const status = async () => {
    const answer = await officer.get('/api/unions');
    return answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code;
  };
  expect(await status()).toBe('second_factor_required');
  await officer.passSecondFactor();
  expect(await status()).toBe('ok');
  await sql`update officer set suspended_at = clock() where user_id = ${officer.userId}`;
  expect(await status()).toBe('not_found');
  await sql`update officer set suspended_at = null where user_id = ${officer.userId}`;
  await sql`update auth_user set sessions_valid_from = clock() + interval '1 s' where id = ${officer.userId}`;
  expect(await status()).toBe('session_revoked');
});
