import { expect, test } from 'vitest';
import { violations } from '../support/access.ts';
import { openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';
import { openStand } from './stand.ts';

// Risk: an old phone shows a white page at the counter.
const stand = await openStand();

test('a browser below the floor gets the code and the short code, and nothing else', async () => {
  const { phones, site } = stand;
  const phone = await openPhone(phones, site.origin);
  await phone.addInitScript(() => {
    CSS.supports = () => false;
  });
  await signIn(phone, site.origin, 'member_senior');
  const page = await phone.newPage();
  await page.goto('/');
  await page.waitForURL('**/plain.html');
  await page.getByRole('button', { name: '放到这部手机' }).click();
  await page.getByRole('img', { name: '出示给店员扫的二维码' }).waitFor();
  const shown = await page.getByText(/^[0-9A-Z]{4}( [0-9A-Z]{4}){3}$/).textContent();
  const answer = await phone.request.get('/api/me/passes');
  const { passes } = (await answer.json()) as { passes: { code: string }[] };
  const codes = passes.map(({ code }) => code.replace(/[^0-9A-Z]/g, ''));
  expect(codes).toContain(shown?.replaceAll(' ', ''));
  expect(await violations(page)).toEqual([]);
});

test('a browser above it is left where it is', async () => {
  const { phones, site } = stand;
  const phone = await openPhone(phones, site.origin);
  const page = await phone.newPage();
  await page.goto('/');
  await page.getByLabel('手机号').waitFor();
  expect(new URL(page.url()).pathname).toBe('/sign-in');
});
