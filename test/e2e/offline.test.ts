import type { Route } from 'playwright-core';
import QRCode from 'qrcode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../support/access.ts';
import { setClock } from '../support/clock.ts';
import { signIn } from '../support/site.ts';
import { openPhone } from '../support/browser.ts';
import { holdUp } from './counter-phone.ts';
import { OfflinePhone, Queue } from './offline-phone.ts';
import { openStand } from './stand.ts';

// Risk: a film that was given without a network is lost, counted twice, or given though it should not have been.
const stand = await openStand();
const { sql } = stand.database;
const units = 12;
const first = '收银台一号';
const second = '收银台二号';
let phone: OfflinePhone;
let other: OfflinePhone;
let queue: Queue;
let freeStorage: () => Promise<void>;
let outlet: number;
let film: number;

/** What the manager shows for a phone of the outlet. */
async function invite(name: string): Promise<string> {
  const manager = await openPhone(stand.phones, stand.site.origin);
  await signIn(manager, stand.site.origin, 'manager_cinema');
  const answer = await manager.request.post(`/api/outlets/${outlet}/pairings`, {
    data: { name },
    headers: { Origin: stand.site.origin },
  });
  expect(answer.status()).toBe(201);
  const { url } = (await answer.json()) as { url: string };
  await manager.close();
  return url;
}

/** The redemptions of a phone's scans, as the server has them. */
function redeemedBy(device: string) {
  return sql<{ device: string; card: number; variance: string | null }[]>`
    select d.name as device, r.card_number as card, r.variance
    from redemption r join device d on d.id = r.device_id
    where d.name like ${device} and r.reversed_at is null`;
}

beforeAll(async () => {
  // These phones judge by a clock that runs.
  await setClock(sql, null);
  const [found] = await sql<{ outlet: number; film: number }[]>`
    select o.id as outlet, b.id as film
    from benefit b, operator_outlet oo
      join operator p on p.id = oo.operator_id and p.role = 'operator'
      join auth_user u on u.id = p.user_id
      join outlet o on o.id = oo.outlet_id
    where b.title_en = 'Union film ticket' and o.name_en like 'Huaixu Cinema%'
    limit 1`;
  outlet = found?.outlet ?? 0;
  film = found?.film ?? 0;
  await sql`update offline_policy set units = ${units} where benefit_id = ${film}`;
  await sql`update benefit set audience = '{}', limit_count = 1 where id = ${film}`;
  const { phones, site } = stand;
  queue = await Queue.stand(sql, site.origin);
  phone = await OfflinePhone.open(phones, site.origin, 'operator_cinema');
  other = await OfflinePhone.open(phones, site.origin, 'operator_cinema');
  freeStorage = await other.limitStorage(site.origin, 30_000_000);
});

afterAll(async () => {
  expect([...phone.complaints, ...other.complaints]).toEqual([]);
  expect(await sql`select * from consistency()`).toEqual([]);
});

describe('a phone of the outlet', () => {
  test('is paired by the code that the manager shows', async () => {
    await phone.pair(await invite(first));
    // The other one is meant to run out.
    await sql`update offline_policy set units = 4 where benefit_id = ${film}`;
    await other.pair(await invite(second));
    await phone.page.goto('/counter/outlet');
    await phone.page.getByText(first).waitFor();
    const { leases } = await phone.stored();
    expect(leases.find(({ benefit }) => benefit === film)).toMatchObject({ units, used: 0 });
    const kept = await phone.page.evaluate(async () => {
      const heavy = await caches.open('heavy');
      return (await heavy.keys()).map(({ url }) => url);
    });
    expect(kept.some((url) => url.endsWith('.wasm'))).toBe(true);
  });

  test('keeps a key that nobody can take out of it', async () => {
    const extractable = await phone.page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          indexedDB.open('tongka-counter').onsuccess = ({ target }) => {
            const db = (target as IDBOpenDBRequest).result;
            const asked = db.transaction('device').objectStore('device').get('this');
            asked.onsuccess = () => {
              db.close();
              resolve((asked.result as { key: CryptoKey }).key.extractable);
            };
          };
        }),
    );
    expect(extractable).toBe(false);
  });
});

describe('without a network', () => {
  test('the counter opens, and says what it is', async () => {
    await phone.start();
    await phone.cut();
    await phone.page.reload();
    await phone.page.getByRole('region', { name: '摄像头' }).waitFor();
    await phone.page.getByText(/离线核销中/).waitFor();
    await phone.page.getByText('0 笔待上传').waitFor();
    await phone.page.getByText(/可用到/).waitFor();
  });

  test('members get their film, and nobody twice', async () => {
    const guest = await queue.next();
    await phone.give(guest.pass);
    await phone.give((await queue.next()).pass);
    await phone.use((await queue.next()).pass);
    await phone.title('已离线记录').waitFor();
    expect(await phone.cover.textContent()).toContain('没有核对：会员资格');
    await phone.next();
    await phone.page.getByText('3 笔待上传').waitFor();
    await phone.wedge(await queue.passOf(guest.card));
    await phone.cover.getByText('在这部手机上用过').or(phone.title('码有效')).waitFor();
    const { items, head, log } = await phone.stored();
    expect(items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(items[2]?.prev).toBe(items[1]?.hash);
    expect(head).toMatchObject({ seq: 3, hash: items[2]?.hash });
    expect(log.map(({ quantity }) => quantity)).toEqual([1, 1, 1]);
    await phone.page.keyboard.press('Escape');
  });

  test('the same code is refused, with when it was used', async () => {
    const { pass } = await queue.next();
    await phone.give(pass);
    await phone.page.waitForFunction(() => document.querySelector('dialog[open]') === null);
    await phone.wedge(pass);
    await phone.title('这个码已经用过').waitFor();
    expect(await phone.cover.textContent()).toMatch(/\d\d:\d\d:\d\d 在这部手机上用过/);
    await phone.next();
  });

  test('what it cannot check is refused in its own words', async () => {
    const { card, pass } = await queue.next();
    await phone.wedge(`${pass.slice(0, -3)}AAA`);
    await phone.title('这不是通卡的出示码。').waitFor();
    await phone.next();
    await phone.wedge(pass.replace(/\/\/[^/]+/, '//ELSEWHERE.EXAMPLE'));
    await phone.title('这是其他城市的出示码。').waitFor();
    await phone.next();
    await phone.wedge('0123456789ABCDEF');
    await phone.title('短码要联网才能核对').waitFor();
    await phone.next();
    const early = await phone.page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 7 * 60_000;
      return now();
    });
    await phone.wedge(pass);
    await phone.title(/过期/).waitFor();
    expect(await phone.cover.textContent()).toContain('这部手机校正后是');
    await phone.next();
    await phone.page.evaluate((ms) => {
      Date.now = () => ms - 60 * 60_000;
    }, early);
    await phone.wedge(await queue.passOf(card));
    await phone.title('这部手机的时间被调回去了').waitFor();
  });

  test('a tab that is killed at any moment loses nothing and counts nothing twice', async () => {
    await phone.start();
    const before = await phone.stored();
    await phone.use((await queue.next()).pass);
    await phone.title('已离线记录').waitFor();
    await phone.page.close();
    phone = await phone.reopen();
    expect((await phone.stored()).items).toHaveLength(before.items.length + 1);
    await phone.use((await queue.next()).pass);
    await phone.page.close();
    phone = await phone.reopen();
    const after = await phone.stored();
    // Nobody saw green: either it is there whole, or nothing of it is.
    expect(after.log.map(({ seq }) => seq)).toEqual(after.items.map(({ seq }) => seq));
    expect(after.head?.seq).toBe(after.items.length);
    await phone.page.getByText(`${after.items.length} 笔待上传`).waitFor();
  });

  test('two tabs at once give a code once, and keep one chain', async () => {
    const tab = await phone.reopen();
    const { pass } = await queue.next();
    for (const one of [phone, tab]) {
      await one.wedge(pass);
      await one.title('码有效').waitFor();
    }
    await Promise.all([phone.confirm(), tab.confirm()]);
    const said = await Promise.all(
      [phone, tab].map((one) => one.title(/已离线记录|这个码已经用过/).textContent()),
    );
    expect(said.toSorted()).toEqual(['已离线记录', '这个码已经用过']);
    for (const one of [phone, tab]) {
      await one.next();
      await one.wedge((await queue.next()).pass);
      await one.title('码有效').waitFor();
    }
    await Promise.all([phone.confirm(), tab.confirm()]);
    await Promise.all([phone, tab].map((one) => one.title('已离线记录').waitFor()));
    const { items } = await phone.stored();
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, at) => at + 1));
    expect(items.slice(1).map(({ prev }) => prev)).toEqual(
      items.slice(0, -1).map(({ hash }) => hash),
    );
    await tab.page.close();
    await phone.next();
  });

  test('a full phone shows no green and counts nothing', async () => {
    await other.start();
    await other.cut();
    await other.fillStorage();
    const before = await other.stored();
    const { pass } = await queue.next();
    await other.use(pass);
    await other.title('没有保存成功，请不要放行').waitFor();
    expect(await other.stored()).toEqual(before);
    await freeStorage();
    await other.cover.getByRole('button', { name: '返回' }).click();
    await other.give(pass);
    expect((await other.stored()).items).toHaveLength(1);
    await other.context.setOffline(false);
    await other.upload();
  });

  test('its screens are for everybody', async () => {
    const { page } = phone;
    const faults: string[] = [];
    const look = async () => faults.push(...(await faultsOf(page)));
    await page.goto('/counter/offline');
    await page.getByText('待上传').first().waitFor();
    await look();
    await page.goto('/counter/outlet');
    await page.getByRole('heading', { name: '离线名额' }).waitFor();
    await look();
    await phone.start();
    await page.locator('summary').click();
    await look();
    await phone.wedge((await queue.next()).pass);
    await phone.title('码有效').waitFor();
    await look();
    await phone.confirm();
    await phone.title('已离线记录').waitFor();
    await look();
    await phone.next();
    expect(faults).toEqual([]);
  });

  test('signing out says how many wait', async () => {
    await phone.page.goto('/counter/outlet');
    await phone.page.getByRole('button', { name: '退出登录' }).click();
    const sheet = phone.page.locator('dialog[open]');
    await sheet.getByText(/\d+ 笔待上传/).waitFor();
    await sheet.getByRole('button', { name: '先不退出' }).click();
    await phone.page.getByRole('button', { name: '解除配对' }).click();
    await sheet.getByText(/会丢掉 \d+ 笔没有上传的记录/).waitFor();
    await phone.page.keyboard.press('Escape');
  });
});

describe('with a camera', () => {
  test('the code of the manager and those of members are read, the latter without a network', async () => {
    const { phones, counters, film, site } = stand;
    const show = async (text: string) =>
      holdUp(phones, film, await QRCode.toBuffer(text, { margin: 4, width: 600 }));
    await show(await invite('收银台三号'));
    const camera = await OfflinePhone.open(counters, site.origin, 'operator_cinema', {
      hasCamera: true,
    });
    await camera.page.goto('/counter');
    await camera.acceptPairing();
    const { card } = await queue.next();
    await show(await queue.passOf(card));
    await camera.context.setOffline(true);
    await camera.page.goto('/counter');
    const read = camera.title(/码有效|出示码已过期/);
    await read.waitFor();
    // A code of the minute's last seconds may run out before the camera is open.
    if ((await read.textContent()) !== '码有效') {
      await show(await queue.passOf(card));
      await camera.page.reload();
    }
    await camera.title('码有效').waitFor();
    await camera.confirm();
    await camera.title('已离线记录').waitFor();
    await camera.next();
    await camera.title('这个码已经用过').waitFor();
    expect(camera.complaints).toEqual([]);
    await camera.context.close();
  });
});

describe('back in the network', () => {
  /** The server's answer with a receipt for one scan more than was sent. */
  async function overstated(route: Route): Promise<void> {
    const response = await route.fetch();
    const answer = (await response.json()) as { receipt: string };
    const [head, body = '', tail] = answer.receipt.split('.');
    const said = JSON.parse(Buffer.from(body, 'base64url').toString()) as { through: number };
    const more = JSON.stringify({ ...said, through: said.through + 1 });
    const receipt = [head, Buffer.from(more).toString('base64url'), tail].join('.');
    await route.fulfill({ response, json: { ...answer, receipt } });
  }

  test.each<[string, (route: Route) => Promise<void>]>([
    ['a server that fails', (route) => route.fulfill({ status: 500, json: {} })],
    [
      'a server that is too busy',
      (route) => route.fulfill({ status: 503, json: { code: 'busy' } }),
    ],
    ['an address that is gone', (route) => route.fulfill({ status: 404, json: {} })],
    ['the page of another network', (route) => route.fulfill({ status: 200, body: '<p>Log in' })],
    ['a receipt that nobody signed', overstated],
  ])('%s deletes nothing', async (_, answer) => {
    const before = (await phone.stored()).items;
    await phone.page.route('**/uploads', answer);
    await phone.context.setOffline(false);
    const heard = phone.page.waitForResponse('**/uploads');
    await phone.page.goto('/counter/offline');
    await heard;
    await phone.page.getByText(/还没传上去|离线核销中/).waitFor();
    expect(before.length).toBeGreaterThan(0);
    expect((await phone.stored()).items).toEqual(before);
    await phone.context.setOffline(true);
    await phone.page.unrouteAll();
  });

  test('an answer that is lost deletes nothing, and two tabs bring each use once', async () => {
    const held = (await phone.stored()).items.length;
    const { lost } = await phone.loseNextAnswer();
    await phone.context.setOffline(false);
    await lost;
    expect((await phone.stored()).items).toHaveLength(held);
    expect(await redeemedBy(first)).toHaveLength(held);
    const tab = await phone.context.newPage();
    await Promise.all([tab.goto('/counter/offline'), phone.page.goto('/counter/offline')]);
    for (const page of [phone.page, tab]) {
      await page.getByText('待上传').first().waitFor({ state: 'detached' });
      await expect.poll(() => page.getByText('已入账').count()).toBe(held);
    }
    await tab.close();
    expect((await phone.stored()).items).toEqual([]);
    const rows = await redeemedBy(first);
    expect(rows).toHaveLength(held);
    expect(rows.every(({ variance }) => variance === null)).toBe(true);
  });

  test('of one code at two phones the earlier use counts, and the other phone hears it', async () => {
    await phone.start();
    await other.start();
    await phone.cut();
    await other.cut();
    const { card, pass } = await queue.next();
    await phone.give(pass);
    await other.give(pass);
    await other.context.setOffline(false);
    await other.upload();
    await other.newest('已入账');
    await phone.context.setOffline(false);
    await phone.upload();
    await other.page.goto('/counter/offline');
    await other.newest('重复使用');
    const rows = (await redeemedBy('%')).filter((row) => row.card === card);
    expect(Object.fromEntries(rows.map(({ device, variance }) => [device, variance]))).toEqual({
      [first]: null,
      [second]: 'pass_already_used',
    });
  });

  test('a record that the server turns down stays, and the others go', async () => {
    await phone.start();
    await phone.cut();
    for (let given = 0; given < 3; given++) await phone.give((await queue.next()).pass);
    const [, poisoned] = (await phone.stored()).items;
    await phone.spoil(poisoned?.seq ?? 0);
    await phone.context.setOffline(false);
    await phone.page.goto('/counter/offline');
    await phone.page.getByText('服务器不收').waitFor();
    await phone.page.getByText('1 笔待上传').waitFor();
    const { items } = await phone.stored();
    expect(items.map(({ seq }) => seq)).toEqual([poisoned?.seq]);
    const kept = await sql`select seq from offline_item where seq > ${poisoned?.seq ?? 0}`;
    expect(kept).toHaveLength(1);
  });
});

describe('the end of it', () => {
  test('a card that was lost is refused without a network', async () => {
    const { card, pass } = await queue.next();
    await sql`update card set status = 'lost', ended_at = clock() where number = ${card}`;
    await other.refresh();
    await other.start();
    await other.cut();
    await other.wedge(pass);
    await other.title('这张卡已停用').waitFor();
    await other.next();
  });

  test('units are used up, and no more is given', async () => {
    const { leases } = await other.stored();
    const lease = leases.find(({ benefit }) => benefit === film);
    const left = (lease?.units ?? 0) - (lease?.used ?? 0);
    expect(left).toBeGreaterThan(0);
    for (let given = 0; given < left; given++) await other.give((await queue.next()).pass);
    await other.wedge((await queue.next()).pass);
    await other.title('离线名额已经用完').waitFor();
    await other.next();
    await other.reconnect();
  });

  test('a phone that the manager revoked gives nothing more', async () => {
    await sql`update device set revoked_at = clock() where name = ${second}`;
    await other.page.goto('/counter/outlet');
    await other.page.getByText('这部手机已被停用，不能离线核销').first().waitFor();
    expect((await other.stored()).leases).toEqual([]);
    await other.context.setOffline(true);
    await other.page.goto('/counter');
    await other.page.getByText('没有网络，暂时不能核销').waitFor();
    await other.wedge((await queue.next()).pass);
    await other.title('这部手机已被停用，不能离线核销').waitFor();
    await other.context.setOffline(false);
  });

  test('when the server dies, the phone goes on by itself', async () => {
    await phone.start();
    await stand.site.stop();
    await phone.give((await queue.next()).pass);
    await phone.page.getByText(/离线核销中/).waitFor();
  });
});
