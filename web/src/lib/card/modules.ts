import { encode } from 'uqr';

export type Drawing = { path: string; box: string; size: number; version: number };

const quietModules = 4;

/** A QR code as one path of horizontal runs, with its four quiet modules in the view box. */
export function draw(text: string): Drawing {
  const { data, size, version } = encode(text, { ecc: 'M', boostEcc: false, border: 0 });
  let path = '';
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < size; x++) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x++;
      const run = x - from + 1;
      path += `M${from} ${y}h${run}v1h-${run}z`;
    }
  }
  const whole = size + 2 * quietModules;
  return { path, box: `${-quietModules} ${-quietModules} ${whole} ${whole}`, size, version };
}
