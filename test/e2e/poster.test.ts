// Risk: an outlet's poster comes out of the printer on two sheets, on the wrong paper, or with a code that leads nowhere.
import { expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { readCode } from '../support/read-code.ts';
import { CounterPhone } from './counter-phone.ts';
import { openStand } from './stand.ts';

const stand = await openStand();

/** Points of an inch: what a PDF measures in. */
const papers = { A4: [595, 842], A5: [420, 595] } as const;

test.each(['A4', 'A5'] as const)('an %s poster is one sheet of that paper', async (size) => {
  const { phones, site, database } = stand;
  const manager = await CounterPhone.open(phones, site.origin, 'manager_cinema');
  const [outlet] = await database.sql<{ id: number; name: string; district: number }[]>`
    select o.id, o.name_zh as name, o.district_id as district from outlet o
      join partner p on p.id = o.partner_id and p.kind = 'cinema' order by o.id limit 1`;
  if (!outlet) throw new Error('The demo city has no cinema.');
  const { page } = manager;
  await page.goto(paths.counterOutlets({ poster: outlet.id, size }));
  const poster = page.getByRole('article');
  await poster.getByText(outlet.name).first().waitFor();
  await poster.getByText('这里可用京卡·通卡').waitFor();
  expect(await readCode(await poster.locator('svg').screenshot())).toBe(
    site.origin + paths.benefits({ district: outlet.district }),
  );
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('navigation').filter({ visible: true }).count()).toBe(0);
  const file = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString(
    'latin1',
  );
  expect(file.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  const [, width = '', height = ''] =
    /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(file) ?? [];
  expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([...papers[size]]);
  await page.close();
});
