import { defineConfig } from 'vitest/config';

const longSeconds = 60;

export default defineConfig({
  test: {
    globalSetup: ['test/support/cluster.ts'],
    // What the product's own process loads first.
    setupFiles: ['api/node/repair-driver.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    // Two cores: more files at once only make each of them slower, and races less sharp.
    maxWorkers: 2,
    // Nothing of ours keeps state in a module: loading the app once a worker saves a fifth of the time.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    provide: { postgres: 18 },
    projects: [
      { extends: true, test: { name: 'tidy', include: ['test/*.test.ts'] } },
      { extends: true, test: { name: 'db', include: ['test/db/**/*.test.ts'] } },
      { extends: true, test: { name: 'api', include: ['test/api/**/*.test.ts'] } },
      {
        // The oldest PostgreSQL that a server of your own may be.
        extends: true,
        test: {
          name: 'api on PostgreSQL 15',
          include: ['test/api/**/*.test.ts'],
          // Who may what is the same SQL on both, and asking it of every route takes minutes.
          exclude: ['test/api/scope.test.ts'],
          provide: { postgres: 15 },
        },
      },
      { extends: true, test: { name: 'web', include: ['test/web/**/*.test.ts'] } },
      {
        // Whole servers and browsers, after everything small.
        extends: true,
        test: {
          name: 'whole',
          globalSetup: ['test/support/pages.ts'],
          include: ['test/{runtime,e2e}/**/*.test.ts'],
          testTimeout: longSeconds * 1000,
          hookTimeout: 2 * longSeconds * 1000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What is killed, cut and overloaded has the machine to itself.
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: longSeconds * 1000,
          hookTimeout: 2 * longSeconds * 1000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
