/** Says on one line what is being done, and behind it how long that took, or that it failed. */
export async function step<T>(what: string, work: (say: (line: string) => void) => Promise<T>) {
  const start = performance.now();
  try {
    const result = await work((line) => print(`  ${what}: ${line}`));
    print(`✓ ${what}  ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    print(`✗ ${what}`);
    throw error;
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
