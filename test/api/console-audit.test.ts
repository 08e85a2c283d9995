// Risk (I20): an administrative change without its entry, or with two; an entry of a change that never happened.
import { expect, test } from 'vitest';
import { checksum } from '../support/checksum.ts';
import { createDatabase } from '../support/database.ts';
import { Desks, type Ids, type Role } from '../support/desks.ts';

const { sql } = await createDatabase();
const desks = await Desks.open(sql);
const reason = '照章办理';

type Change = {
  by: Role;
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: (ids: Ids) => string;
  body?: object;
  prepare?: (ids: Ids) => Promise<unknown>;
};

const terms = {
  kind: 'park',
  titleZh: '公园年票',
  titleEn: 'A park',
  summaryZh: '一年',
  summaryEn: 'A year',
  priceFen: 1000,
  faceValueFen: 2000,
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2027-01-01T00:00:00Z',
  weekdays: [6, 7],
  opensMinute: 0,
  closesMinute: 1440,
  audience: {},
  validDistricts: null,
  quantityMax: 1,
  limitCount: 1,
  limitPeriod: 'week',
  cap: null,
};

const changes: Record<string, Change> = {
  'benefit.create': {
    by: 'administrator',
    method: 'POST',
    path: ({ union }) => `/api/unions/${union}/benefits`,
    body: terms,
  },
  'benefit.change': {
    by: 'administrator',
    method: 'PATCH',
    path: ({ benefit }) => `/api/benefits/${benefit}/terms`,
    body: { version: 1, priceFen: 1 },
  },
  'benefit.pause': {
    by: 'administrator',
    method: 'POST',
    path: ({ benefit }) => `/api/benefits/${benefit}/pause`,
  },
  'benefit.resume': {
    by: 'administrator',
    method: 'POST',
    path: ({ benefit }) => `/api/benefits/${benefit}/resume`,
    prepare: ({ benefit }) =>
      sql`update benefit set paused_at = clock(), pause_reason = '修' where id = ${benefit}`,
  },
  'allocation.set': {
    by: 'administrator',
    method: 'PUT',
    path: ({ benefit, pool }) => `/api/benefits/${benefit}/allocations/${pool}`,
    body: { cap: 55 },
  },
  'partner.admit': {
    by: 'administrator',
    method: 'PUT',
    path: ({ benefit, partner }) => `/api/benefits/${benefit}/partners/${partner}`,
    prepare: ({ benefit }) => sql`delete from benefit_partner where benefit_id = ${benefit}`,
  },
  'partner.remove': {
    by: 'administrator',
    method: 'DELETE',
    path: ({ benefit, partner }) => `/api/benefits/${benefit}/partners/${partner}`,
  },
  'operator.suspend': {
    by: 'manager',
    method: 'POST',
    path: ({ operator }) => `/api/operators/${operator}/suspension`,
  },
  'operator.readmit': {
    by: 'manager',
    method: 'DELETE',
    path: ({ operator }) => `/api/operators/${operator}/suspension`,
    prepare: ({ operator }) =>
      sql`update operator set suspended_at = clock() where id = ${operator}`,
  },
  'alert.close': {
    by: 'administrator',
    method: 'POST',
    path: ({ alert }) => `/api/alerts/${alert}/close`,
  },
};

async function ready(change: Change): Promise<() => Promise<Response>> {
  const ids = await desks.own();
  await change.prepare?.(ids);
  const { by, method, path, body } = change;
  return () => desks.browsers[by].request(method, path(ids), { ...body, reason });
}

async function entries() {
  return sql<{ id: number; action: string; user_id: string; reason: string; at: Date }[]>`
    select id, action, user_id, reason, at from audit_entry order by id`;
}

test.each(Object.entries(changes))('%s: one entry, by whom and why', async (action, change) => {
  const make = await ready(change);
  const before = (await entries()).length;
  expect((await make()).ok).toBe(true);
  const added = (await entries()).slice(before);
  expect(added).toMatchObject([{ action, user_id: desks.browsers[change.by].userId, reason }]);
  // Once more it is no change, or another one: never a second entry of the first.
  await make();
  const after = (await entries()).slice(before);
  expect(after).toHaveLength(action === 'benefit.create' ? 2 : 1);
});

test.each(Object.entries(changes))(
  '%s: without its entry the change does not happen',
  async (_action, change) => {
    const make = await ready(change);
    await sql.unsafe(`
    create or replace function refuse_entry() returns trigger language plpgsql as
      $$ begin raise exception 'no entry'; end $$;
    create trigger refuse_entry before insert on audit_entry execute function refuse_entry()`);
    try {
      const before = await checksum(sql);
      const answer = await make();
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain('no entry');
      expect(await checksum(sql)).toBe(before);
    } finally {
      await sql`drop trigger refuse_entry on audit_entry`;
    }
  },
);

test('every kind of change by a person is tried here', async () => {
  const written = await sql<{ action: string }[]>`select distinct action from audit_entry`;
  expect(written.map(({ action }) => action).sort()).toEqual(Object.keys(changes).sort());
});

test('an entry is never changed and never deleted', async () => {
  await expect(sql`update audit_entry set reason = '改' where true`).rejects.toThrow();
  await expect(sql`delete from audit_entry where true`).rejects.toThrow();
});
