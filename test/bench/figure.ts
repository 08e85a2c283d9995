export type Goal = { atLeast: number } | { atMost: number };

/** One measured figure on a line of its own; with a goal, whether it is met. */
export function figure(name: string, value: number, unit: string, goal?: Goal): void {
  const said = `bench ${name} ${readable(value)} ${unit}`;
  if (!goal) return print(`${said} ok`);
  const isMet = 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
  const wish = 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  print(`${said} (goal ${wish}) ${isMet ? 'ok' : 'short'}`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Three digits are all that a shared machine can tell apart. */
function readable(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.floor(sorted.length * share)];
  if (found === undefined) throw new RangeError('Nothing was measured.');
  return found;
}
