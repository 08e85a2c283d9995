import { create } from 'qrcode';
import { expect, test } from 'vitest';
import { draw } from '../../web/src/lib/card/modules.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const body = Array.from({ length: 127 }, (_, at) => base32[(at * 7) % base32.length]).join('');

// Risk: a code denser than a counter's camera reads from a small phone.
test.each([
  ['localhost:8787', 6],
  ['tongka.city.gov.cn:12345', 7],
])('a pass of %s fits version %i at level M', (host, version) => {
  const text = `HTTPS://${host.toUpperCase()}/Q/${body}`;
  const drawing = draw(text);
  expect(drawing.version).toBeLessThanOrEqual(version);
  expect(drawing.version).toBe(create(text, { errorCorrectionLevel: 'M' }).version);
});

// Risk: a path that looks like a QR code and is none.
test('every dark module is drawn once, and nothing else', () => {
  const { path, size, box } = draw('HTTPS://TONGKA.CN/Q/ABC');
  const cells = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)];
  expect(cells.map(([whole]) => whole).join('')).toBe(path);
  const dark = new Set<string>();
  for (const [, x, y, run] of cells) {
    for (let at = 0; at < Number(run); at += 1) dark.add(`${Number(x) + at} ${y}`);
  }
  expect(dark.size).toBe(cells.reduce((sum, [, , , run]) => sum + Number(run), 0));
  // The three eyes: seven dark modules along the top of each.
  for (const [x, y] of [
    [0, 0],
    [size - 7, 0],
    [0, size - 7],
  ] as const) {
    for (let at = 0; at < 7; at += 1) expect(dark.has(`${x + at} ${y}`)).toBe(true);
  }
  expect(box).toBe(`-4 -4 ${size + 8} ${size + 8}`);
});
