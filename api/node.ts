import './node/repair-driver.ts';
import { fail } from './node/fail.ts';

type Command = {
  run: (args: string[]) => Promise<void>;
  /** All it takes; without them it reads its arguments itself. */
  flags?: readonly string[];
};

const usage = `npm start [-- --lan]                     the whole product; --lan: https for phones nearby
npm run dev [-- --worker]                the same, reloading what is edited; --worker: in workerd
npm run build                            the pages
npm run db:migrate                       bring the database to this version
npm run db:reset                         throw the embedded database away
npm run admin create -- --phone NUMBER   make the first administrator
npm run admin reset -- --phone NUMBER    an officer's authenticator is lost
npm run members import FILE.csv          take in a roster
npm run keys rotate                      publish a new signing key, retire the oldest
npm run audit verify                     recompute the chains of the audit
npm run deploy [-- --dry-run]            build and deploy to Cloudflare Workers
`;

/** Each command loads only what it needs: `reset` works where the rest does not even start. */
const commands: Record<string, Command> = {
  start: {
    flags: ['--lan', '--no-pages'],
    run: async (args) => {
      const { start } = await import('./node/start.ts');
      await start({ isLan: args.includes('--lan'), hasPages: !args.includes('--no-pages') });
    },
  },
  dev: {
    flags: ['--worker'],
    run: async (args) =>
      args.includes('--worker')
        ? (await import('./node/worker.ts')).serveWorker()
        : (await import('./node/dev.ts')).dev(),
  },
  build: { flags: [], run: async () => (await import('./node/build.ts')).buildWeb() },
  migrate: { flags: [], run: async () => (await import('./node/migrate.ts')).migrateCommand() },
  reset: { flags: [], run: async () => (await import('./node/reset.ts')).reset() },
  admin: { run: async (args) => (await import('./node/admin.ts')).admin(args) },
  members: { run: async (args) => (await import('./node/members.ts')).members(args) },
  keys: { run: async (args) => (await import('./node/keys.ts')).keys(args) },
  audit: { run: async (args) => (await import('./node/audit.ts')).audit(args) },
  deploy: { run: async (args) => (await import('./node/deploy.ts')).deploy(args) },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
const unknown = args.find((arg) => command?.flags?.includes(arg) === false);

if (!command || unknown !== undefined) {
  if (unknown !== undefined) process.stderr.write(`There is no ${unknown} here.\n\n`);
  process.stderr.write(usage);
  process.exit(2);
}

try {
  await command.run(args);
} catch (error) {
  fail(error);
}
