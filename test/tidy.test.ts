// Risk: rules that only people remember, and one day do not.
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { reasons } from '../db/schema/reasons.ts';
import { filesIn, type Import, importsOf, read } from './support/sources.ts';

const areas = ['api', 'db', 'web', 'test'];
const files = areas.flatMap(filesIn);
const code = files.filter(
  (path) => /\.(ts|js|svelte)$/.test(path) && !path.startsWith('web/static'),
);
const imports = code.flatMap(importsOf);

const isIn = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const said = (found: Import[]) => found.map(({ from, to }) => `${from} → ${to}`);

const pkg = z
  .object({
    scripts: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(read('package.json')));

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        resolved: z.string().optional(),
        hasInstallScript: z.boolean().optional(),
        optional: z.boolean().optional(),
        optionalDependencies: z.record(z.string(), z.string()).optional(),
      }),
    ),
  })
  .parse(JSON.parse(read('package-lock.json'))).packages;

test('the import reader sees static, dynamic and type imports', () => {
  expect(importsOf('test/tidy.test.ts').map(({ to }) => to)).toContain('db/schema/reasons.ts');
  expect(importsOf('api/node.ts').map(({ to }) => to)).toContain('api/node/start.ts');
  expect(imports.some(({ isType }) => isType)).toBe(true);
});

test('the top level holds the five areas and what tools need', () => {
  const allowed =
    /^(\..+|api|db|web|test|node_modules|coverage|package(-lock)?\.json|tsconfig\.json|wrangler\.toml|README\.md|CHANGELOG\.md|LICENSE|(eslint|vitest|drizzle)\.config\.(js|ts))$/;
  expect(readdirSync('.').filter((name) => !allowed.test(name))).toEqual([]);
});

test('the web takes nothing but types from the API, and nothing from the database', () => {
  const wrong = imports
    .filter(({ from }) => isIn('web')(from))
    .filter(({ to, isType }) => isIn('db')(to) || isIn('test')(to) || (isIn('api')(to) && !isType));
  expect(said(wrong)).toEqual([]);
});

test('nothing points back: the API not at the web, the database not at the API', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      (isIn('api')(from) && (isIn('web')(to) || isIn('test')(to))) ||
      // The generator seals phone numbers as the API does, so that the API can open them.
      (isIn('db')(from) && !isIn('db/seed')(from) && isIn('api')(to)) ||
      (isIn('db')(from) && (isIn('web')(to) || isIn('test')(to))),
  );
  expect(said(wrong)).toEqual([]);
});

test('what runs on Workers never meets Node', () => {
  const shell = (path: string) => path === 'api/node.ts' || isIn('api/node')(path);
  const bundled = (path: string) =>
    (isIn('api')(path) && !shell(path)) || isIn('db/schema')(path) || path === 'db/client.ts';
  const wrong = imports.filter(
    ({ from, to }) => bundled(from) && (to.startsWith('node:') || shell(to)),
  );
  expect(said(wrong)).toEqual([]);
});

test('only the configuration reads the environment', () => {
  const readers = code.filter(
    (path) => !isIn('test')(path) && /process\.env|import\.meta\.env/.test(read(path)),
  );
  expect(readers).toEqual(['api/config.ts']);
});

test('no module of the API holds state', () => {
  const holders = code.filter(
    (path) => isIn('api')(path) && /^(export )?(let|var) /m.test(read(path)),
  );
  expect(holders).toEqual([]);
});

test("a slice calls another slice's verbs, never its queries, and only the app mounts routes", () => {
  const wrong = imports.filter(({ from, to }) => {
    if (!isIn('api')(from) || !isIn('api')(to)) return false;
    const isForeign = dirname(from) !== dirname(to);
    if (basename(to).startsWith('queries')) return isForeign;
    if (basename(to) === 'routes.ts') return from !== 'api/app.ts';
    return basename(from).startsWith('queries') && basename(to) === 'routes.ts';
  });
  expect(said(wrong)).toEqual([]);
});

test('there are no cycles', () => {
  const known = new Set(code);
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) {
    if (known.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, above: string[]): void => {
    if (above.includes(path)) cycles.push([...above.slice(above.indexOf(path)), path].join(' → '));
    if (done.has(path) || above.includes(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...above, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test('there are no barrels', () => {
  // Kit looks for its service worker under this name.
  const wanted = 'web/src/service-worker/index.ts';
  expect(code.filter((path) => basename(path) === 'index.ts' && path !== wanted)).toEqual([]);
});

test('nothing is left for later, and nothing names a machine it was made on', () => {
  // In pieces, so that this file does not find itself.
  const later = new RegExp(
    `\\b(${['TO', 'FIX', 'XX'].map((a, i) => a + ['DO', 'ME', 'X'][i]).join('|')})\\b`,
  );
  const machine = new RegExp(
    ['wo', 'ro'].map((a, i) => `(?<![\\w.])/${a}${['rk', 'ot'][i]}/`).join('|'),
  );
  const texts = [...files, 'README.md', 'CHANGELOG.md', 'wrangler.toml', 'package.json'].filter(
    (path) => /\.(ts|js|svelte|sql|md|toml|json|css|html)$/.test(path),
  );
  expect(texts.filter((path) => later.test(read(path)) || machine.test(read(path)))).toEqual([]);
});

test('nothing comes from elsewhere at run time', () => {
  const hosts = [
    'jsdelivr' + '.net',
    'unpkg' + '.com',
    'esm' + '.sh',
    'cdn' + 'js.',
    'skypack' + '.dev',
  ];
  hosts.push('fonts.google' + 'apis', 'fonts.g' + 'static');
  const users = files.filter((path) => hosts.some((host) => read(path).includes(host)));
  expect(users).toEqual([]);
});

test('every reason is translated and tested', () => {
  const messages = ['zh-CN', 'en'].map((language) => read(`web/messages/${language}.json`));
  const tests = code.filter((path) => isIn('test')(path) && path !== 'test/tidy.test.ts').map(read);
  for (const reason of reasons) {
    for (const text of messages) expect(text).toContain(`"reason_${reason}"`);
    expect(
      tests.some((text) => text.includes(reason)),
      `${reason} has no test`,
    ).toBe(true);
  }
});

test('every SQL function or type has a file of its name that begins with its contract', () => {
  for (const path of files.filter((one) => isIn('db/functions')(one))) {
    const text = read(path);
    expect(text, path).toMatch(/^-- [A-Za-z]/);
    expect(text, path).toMatch(
      new RegExp(`create (or replace function|type) (public\\.)?${basename(path, '.sql')}\\b`, 'i'),
    );
  }
});

test('every table says what it is', () => {
  for (const path of files.filter((one) => isIn('db/schema')(one))) {
    const bare = [...read(path).matchAll(/(\*\/\n)?export const (\w+) = pgTable\(/g)]
      .filter(([, contract]) => contract === undefined)
      .map(([, , name]) => name);
    expect(bare, path).toEqual([]);
  }
});

test('there are at most fifteen scripts, each checks its Node first', () => {
  expect(Object.keys(pkg.scripts).length).toBeLessThanOrEqual(15);
  for (const script of Object.values(pkg.scripts)) {
    expect(script).toMatch(/^node --import \.\/api\/node\/version\.js [\w./-]+/);
  }
});

test('the README names no command that does not exist, and every one that does', () => {
  const readme = read('README.md');
  const named = [...readme.matchAll(/\bnpm (?:run )?([a-z][\w:]*)/g)].map(([, name]) => name ?? '');
  const builtIn = ['ci', 'run', 'install', 'rebuild', 'packages', 'package'];
  const known = new Set([...Object.keys(pkg.scripts), ...builtIn]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  expect(Object.keys(pkg.scripts).filter((name) => !named.includes(name))).toEqual([]);
});

test('every invariant of the README names tests that are there', () => {
  const plain = (text: string) => text.replaceAll('’', "'");
  const rows = read('README.md').match(/^\| I\d+ \|.*$/gm) ?? [];
  const wrong = rows.flatMap((row) => {
    let path = '';
    return [...row.matchAll(/`(test\/[\w./-]+)`|"([^"]+)"/g)].flatMap(([, file, name = '']) => {
      path = file ?? path;
      const isThere = code.includes(path) && plain(read(path)).includes(plain(name));
      return isThere ? [] : [`${path} "${name}"`];
    });
  });
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => !row.includes('`test/'))).toEqual([]);
  expect(wrong).toEqual([]);
});

test('what is imported is declared, and what is declared is used', () => {
  const declared = Object.keys({ ...pkg.dependencies, ...pkg.devDependencies });
  const packageOf = (to: string) => to.split('/', to.startsWith('@') ? 2 : 1).join('/');
  const imported = new Set(
    imports
      .map(({ to }) => packageOf(to))
      .filter((name) => !/^(node:|\.|#|\$app|api$|db$|web$|test$)/.test(name)),
  );
  expect([...imported].filter((name) => !declared.includes(name))).toEqual([]);
  // Some are run or plugged in by name, types go with their package, and two are only asked for by others.
  const settings = [
    '.prettierrc',
    'web/project.inlang/settings.json',
    'web/src/app.css',
    'web/tsconfig.json',
  ];
  const configs = [
    'eslint.config.js',
    'vitest.config.ts',
    'drizzle.config.ts',
    'web/vite.config.ts',
  ];
  const texts =
    [...code, ...settings, ...configs].map(read).join('\n') + JSON.stringify(pkg.scripts);
  const peers = new Set(['@sveltejs/vite-plugin-svelte', '@types/node', 'node']);
  const isUsed = (name: string) => {
    const bare = name.replace('@types/', '');
    return (
      peers.has(name) || [`'${bare}`, `"${bare}`, `/${bare}/`].some((use) => texts.includes(use))
    );
  };
  expect(declared.filter((name) => !isUsed(name))).toEqual([]);
});

test('versions are exact', () => {
  const all = Object.entries({ ...pkg.dependencies, ...pkg.devDependencies });
  expect(
    all.filter(([, version]) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  ).toEqual([]);
});

test('the lock file names every optional package, so that npm ci accepts it on every platform', () => {
  const missing = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !findInLock(path, name)),
  );
  expect(missing).toEqual([]);
});

function findInLock(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
    if (!at.includes('/node_modules/')) return lock[`node_modules/${name}`] !== undefined;
  }
}

test('the lock file names no registry', () => {
  expect(Object.entries(lock).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test('npm 12 may run the install scripts that we need', () => {
  const needed = Object.entries(lock)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  const optional = new Set(['fsevents', 'sharp']);
  expect(needed.filter((name) => !pkg.allowScripts[name] && !optional.has(name))).toEqual([]);
});
