import { expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const app = createApp(database.sql);
const phone = '+8616900000001';

test('a one-time code signs in, and the signed cookie costs no trip', async () => {
  const browser = await app.signIn(phone);
  expect(browser.userId).not.toBe('');
  const answer = await browser.get('/api/session');
  expect(await answer.json()).toEqual({
    user: { id: browser.userId },
    member: null,
    posts: [],
    offices: [],
    secondFactor: 'none',
    demo: true,
  });
});
