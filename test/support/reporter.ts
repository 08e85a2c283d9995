import type { Reporter, SerializedError, TestModule } from 'vitest/node';

const slowestShown = 8;

/** After the default reporter: the slowest files, and as the very last line what CI reads, `N passed, N failed`. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const slowest = modules
      .map((module) => ({ module, seconds: module.diagnostic().duration / 1000 }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, slowestShown);
    const lines = slowest.map(
      ({ module, seconds }) =>
        `${seconds.toFixed(1).padStart(7)} s  ${module.project.name}  ${module.relativeModuleId}`,
    );
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      let isEmpty = true;
      for (const test of module.children.allTests()) {
        isEmpty = false;
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
      // A file that cannot be loaded has no test to fail.
      if (module.errors().length > 0 || (isEmpty && module.state() === 'failed'))
        counts.failed += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(
      `Slowest files:\n${lines.join('\n')}\n\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`,
    );
  }
}
