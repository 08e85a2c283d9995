// Risk: the first thing a stranger does with Tongka, and what a killed process leaves behind. A clone that root made is
// closed to PostgreSQL's user, as one in root's home is.
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../api/node/wrangler.ts';
import { connect, type Sql } from '../../db/client.ts';
import { isAlive, readPostmaster } from '../../db/postmaster.ts';
import { Clone } from '../support/clone.ts';

const ready = 'Tongka 通卡 is ready';
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;

async function ownDatabase(clone: Clone): Promise<Sql> {
  const folder = await clone.place();
  const [port, password] = await Promise.all(
    ['port', 'password'].map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()),
  );
  return connect(`postgres://tongka:${password}@127.0.0.1:${port}/tongka`, { max: 1 });
}

async function postmaster(clone: Clone): Promise<number> {
  return (await readPostmaster(join(await clone.place(), 'data')))?.pid ?? 0;
}

describe.each([
  ['the user of the tests', null],
  ...(nobody ? [['an ordinary user, started by root', nobody] as const] : []),
] as const)('%s', (_name, user) => {
  let clone: Clone;
  let PORT: string;

  beforeAll(async () => {
    clone = await Clone.make(user);
    PORT = String(await freePort());
  });
  afterAll(() => clone.remove());

  test('Ctrl-C before it is ready leaves nothing running', async () => {
    const started = clone.run(['start'], { PORT });
    await started.says('✓ database');
    const pid = await postmaster(clone);
    expect(isAlive(pid)).toBe(true);
    started.process.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(started.output()).not.toContain('Error');
  });

  test('the first start says what it does, answers, and Ctrl-C stops PostgreSQL too', async () => {
    const started = clone.run(['start'], { PORT });
    await started.says(ready);
    for (const step of ['✓ database', '✓ migrations', '✓ demo city']) {
      expect(started.output()).toContain(step);
    }
    const response = await fetch(`http://127.0.0.1:${PORT}/api/health/ready`);
    expect(response.status).toBe(200);
    const sql = await ownDatabase(clone);
    await sql`insert into rate_window values ('kept', 'infinity', 1)`;
    await sql.end();
    const pid = await postmaster(clone);
    started.process.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  test('a second start keeps the data, and takes over from a server that was killed', async () => {
    const second = clone.run(['start'], { PORT });
    await second.says(ready);
    const sql = await ownDatabase(clone);
    expect(await sql`select key from rate_window where key = 'kept'`).toHaveLength(1);
    await sql.end();
    const pid = await postmaster(clone);
    second.process.kill('SIGKILL');
    await second.ended;
    expect(isAlive(pid)).toBe(true);

    const third = clone.run(['start'], { PORT });
    await third.says(ready);
    expect(await postmaster(clone)).toBe(pid);
    third.process.kill('SIGTERM');
    expect(await third.ended).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  test('a start recovers the data folder of a database that was killed as well', async () => {
    const first = clone.run(['start'], { PORT });
    await first.says(ready);
    const pid = await postmaster(clone);
    first.process.kill('SIGKILL');
    await first.ended;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);

    const next = clone.run(['start'], { PORT });
    await next.says(ready);
    const sql = await ownDatabase(clone);
    expect(await sql`select key from rate_window where key = 'kept'`).toHaveLength(1);
    await sql.end();
    next.process.kill('SIGINT');
    expect(await next.ended).toBe(0);
  });

  test('a database that is killed under a running server is started again', async () => {
    const server = clone.run(['start'], { PORT });
    await server.says(ready);
    const health = async () => (await fetch(`http://127.0.0.1:${PORT}/api/health/ready`)).status;
    expect(await health()).toBe(200);
    const first = await postmaster(clone);
    process.kill(first, 'SIGKILL');
    await server.says('PostgreSQL had died, and was started again.');
    await expect.poll(health, { timeout: 20_000 }).toBe(200);
    const sql = await ownDatabase(clone);
    expect(await sql`select key from rate_window where key = 'kept'`).toHaveLength(1);
    await sql.end();

    const second = await postmaster(clone);
    expect(second).not.toBe(first);
    server.process.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(isAlive(second)).toBe(false);
  });

  test('a server whose database cannot be started again says so and fails', async () => {
    const server = clone.run(['start'], { PORT });
    await server.says(ready);
    const pid = await postmaster(clone);
    const data = join(await clone.place(), 'data');
    await rename(data, `${data}.away`);
    process.kill(pid, 'SIGKILL');
    expect(await server.ended).toBe(1);
    await rename(`${data}.away`, data);
    expect(server.output()).toContain('PostgreSQL has died and cannot be started again.');
    expect(server.output()).not.toMatch(/^\s+at /m);
  });

  test('a command beside a running server leaves its database running; reset refuses, then starts over', async () => {
    const server = clone.run(['start'], { PORT });
    await server.says(ready);
    const command = clone.run(['migrate']);
    expect(await command.ended).toBe(0);
    const refused = clone.run(['reset']);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain('stop it first');
    expect((await fetch(`http://127.0.0.1:${PORT}/api/health/ready`)).status).toBe(200);
    server.process.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(await clone.run(['reset']).ended).toBe(0);
    expect(await postmaster(clone)).toBe(0);
  });
});

describe('what a person can mend is one sentence and a failure', () => {
  let clone: Clone;
  beforeAll(async () => {
    clone = await Clone.make(nobody);
  });
  afterAll(() => clone.remove());

  async function refusal(args: string[], env: Record<string, string>, of = clone) {
    const started = of.run(args, env);
    expect(await started.ended).toBe(1);
    const lines = started.output().trim().split('\n');
    expect(started.output()).not.toMatch(/^\s+at /m);
    return lines.at(-1) ?? '';
  }

  test('a taken port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const PORT = String(typeof address === 'object' && address ? address.port : 0);
    expect(await refusal(['start'], { PORT })).toMatch(`Port ${PORT} is taken`);
    other.close();
  });

  test('a database that cannot be reached, without its password', async () => {
    const port = await freePort();
    const said = await refusal(['migrate'], {
      DATABASE_URL: `postgres://somebody:s3cret@127.0.0.1:${port}/tongka`,
    });
    expect(said).toMatch(`127.0.0.1:${port}/tongka) cannot be reached`);
    expect(said).not.toContain('s3cret');
  });

  test('a server without its secrets, whatever else is set', async () => {
    const DATABASE_URL = 'postgres://somebody@127.0.0.1/tongka';
    const said = await refusal(['start'], { DATABASE_URL, TONGKA_SECRET: 'short', DEMO: '1' });
    for (const name of ['ORIGIN', 'TONGKA_SECRET', 'SMS_GATEWAY_URL', 'SMS_GATEWAY_SECRET']) {
      expect(said).toContain(name);
    }
  });

  test('a data folder that cannot be written, or is none', async () => {
    const other = await Clone.make(nobody);
    const PORT = String(await freePort());
    await other.makeUnwritable();
    const unwritable = await refusal(['start'], { PORT }, other);
    const data = join(other.folder, '.data');
    await rm(data, { recursive: true });
    await writeFile(data, '');
    const file = await refusal(['start'], { PORT }, other);
    await rm(data);
    await other.remove();
    for (const said of [unwritable, file]) expect(said).toMatch('cannot be written: make it');
  });

  test.each([
    ['start', '--lann'],
    ['start', '--lan', 'x'],
    ['build', '--lan'],
    ['migrate', '--force'],
    ['reset', 'now'],
    ['dev', '--no-pages'],
  ])('an argument that %s does not know: %s', async (...args) => {
    const started = clone.run(args);
    expect(await started.ended).toBe(2);
    expect(started.output()).toContain(`There is no ${args.at(-1)} here.`);
    expect(started.output()).toContain('npm start [-- --lan]');
  });

  test.each([
    ['keys', 'rotate', '3'],
    ['keys', 'revoke', '1', '2'],
    ['members', 'import', 'a.csv', 'b.csv'],
    ['admin', 'create', '--phone', '13800138000', '--role', 'x'],
  ])('what %s %s does not take', async (...args) => {
    expect(await refusal([...args], {})).toContain(`npm run ${args[0]}`);
  });
});
