// The drift in app.css moves by exactly this, so that no edge is ever seen.
const period = 96;
const lines = 9;

/** Fine parallel waves, as on a banknote, one period wider than the box on either side. */
export function waves(width: number, height: number): string {
  let path = '';
  for (let line = 0; line < lines; line++) {
    const phase = (line / lines) * Math.PI;
    const middle = height / 2 + (line - (lines - 1) / 2) * 3;
    for (let x = -period; x <= width + period; x += 6) {
      const y = middle + Math.sin((x / period) * 2 * Math.PI + phase) * height * 0.28;
      path += `${x === -period ? 'M' : 'L'}${x} ${y.toFixed(1)}`;
    }
  }
  return path;
}
