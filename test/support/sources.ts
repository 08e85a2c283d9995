import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

const madeByTools = new Set([
  'node_modules',
  '.git',
  '.data',
  '.wrangler',
  '.svelte-kit',
  'build',
  'coverage',
  'paraglide',
  'cache',
]);

/** Every file of ours below a folder of the clone, as a path from its top. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (madeByTools.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export type Import = { from: string; to: string; isType: boolean };

const statement =
  /(?:^|\n)\s*(?:import|export)\s+(?<type>type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?['"](?<static>[^'"\n]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"\n]+)['"]\s*\)/g;

/** What a file imports: a path from the top of the clone for files of ours, else the package's name. */
export function importsOf(path: string): Import[] {
  return [...read(path).matchAll(statement)].map(({ groups = {} }) => {
    const wanted = groups['static'] ?? groups['dynamic'] ?? '';
    const isType = groups['type'] !== undefined;
    if (wanted.startsWith('.')) {
      const to = relative(root, resolve(root, dirname(path), wanted));
      return { from: path, to, isType };
    }
    const inside = wanted.startsWith('#lib/') ? wanted.replace('#lib/', 'web/src/lib/') : wanted;
    return { from: path, to: inside, isType };
  });
}
