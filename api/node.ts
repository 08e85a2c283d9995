import { StartError } from '../db/start-error.ts';

type Run = (args: string[]) => Promise<void>;

const usage = `npm start [-- --lan]                     the whole product; --lan: https for phones nearby
npm run dev                              the same, reloading what is edited
npm run build                            the pages
npm run db:migrate                       bring the database to this version
npm run db:reset                         throw the embedded database away
npm run admin create -- --phone NUMBER   make the first administrator
npm run admin reset -- --phone NUMBER    an officer's authenticator is lost
npm run members import FILE.csv          take in a roster
npm run keys rotate                      publish a new signing key, retire the oldest
npm run dev:worker                       the product in workerd
npm run deploy [-- --dry-run]            build and deploy to Cloudflare Workers
`;

/** Each command loads only what it needs: `reset` works where the rest does not even start. */
const commands: Record<string, Run> = {
  start: async (args) => {
    const { start } = await import('./node/start.ts');
    await start({ isLan: args.includes('--lan'), hasPages: !args.includes('--no-pages') });
  },
  dev: async () => (await import('./node/dev.ts')).dev(),
  build: async () => (await import('./node/build.ts')).buildWeb(),
  migrate: async () => (await import('./node/migrate.ts')).migrateCommand(),
  reset: async () => (await import('./node/reset.ts')).reset(),
  admin: async (args) => (await import('./node/admin.ts')).admin(args),
  members: async (args) => (await import('./node/members.ts')).members(args),
  keys: async (args) => (await import('./node/keys.ts')).keys(args),
  worker: async () => (await import('./node/worker.ts')).serveWorker(),
  deploy: async (args) => (await import('./node/deploy.ts')).deploy(args),
};

const [name = '', ...args] = process.argv.slice(2);
const run = commands[name];

if (!run) {
  process.stderr.write(usage);
  process.exit(2);
}

try {
  await run(args);
} catch (error) {
  const text =
    error instanceof StartError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`\n${String(text)}\n`);
  process.exit(1);
}
