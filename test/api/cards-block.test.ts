// Risk: a blocked card goes on, its member gets round it with another phone, or a union blocks another one's member.
import { expect, test } from 'vitest';
import { openConsole } from '../support/console.ts';
import { type Holder, openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const desk = await openConsole(sql, counter);

const reason = '一天用了四家影院';

const redemptionOf = async (member: Holder): Promise<string> =>
  desk.redeem(await desk.addCityBenefit(), 1, { member });

test('a blocked card is refused at the counter, and works again when the union lifts it', async () => {
  const holder = await counter.addHolder();
  const path = `/api/redemptions/${await redemptionOf(holder)}/card`;
  const { url: kept } = await passOf(holder);
  const scan = (pass: string) =>
    counter.till.post('/api/scans', { pass, outlet: counter.city.outlet.id });

  expect(await (await desk.at.home.get(path)).json()).toEqual({ status: 'live', canBlock: true });
  expect((await desk.at.home.post(`${path}/block`, { reason })).status).toBe(200);
  expect((await desk.at.home.post(`${path}/block`, { reason })).status).toBe(409);
  expect(await (await scan(kept)).json()).toMatchObject({ code: 'card_blocked' });
  const elsewhere = await holder.phone.post('/api/me/card/enrolment', {
    phoneLabel: '另一部',
    takeover: true,
  });
  expect(await elsewhere.json()).toMatchObject({ code: 'card_blocked' });

  expect((await desk.at.home.delete(`${path}/block`, { reason: '查清了' })).status).toBe(200);
  expect((await scan((await passOf(holder)).url)).status).toBe(200);
});

test('it is the member’s own union that blocks, and each block is one entry that names no member', async () => {
  const holder = await counter.addHolder();
  const id = await redemptionOf(holder);
  const path = `/api/redemptions/${id}/card`;
  for (const browser of [desk.at.host, desk.at.viewer]) {
    expect((await browser.post(`${path}/block`, { reason })).status).toBe(404);
  }
  expect((await desk.at.host.get(path)).status).toBe(404);
  expect(await (await desk.at.viewer.get(path)).json()).toEqual({
    status: 'live',
    canBlock: false,
  });
  expect((await desk.at.city.post(`${path}/block`, { reason })).status).toBe(200);
  const entries = await desk.entries('redemption', id);
  expect(entries).toMatchObject([{ action: 'card.block', reason, after: { status: 'blocked' } }]);
  expect(JSON.stringify(entries)).not.toContain(String(holder.id));
});

test('of many who block at once, one does', async () => {
  const holder = await counter.addHolder();
  const id = await redemptionOf(holder);
  const answers = await Promise.all(
    Array.from({ length: 16 }, () =>
      desk.at.home.post(`/api/redemptions/${id}/card/block`, { reason }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
});
