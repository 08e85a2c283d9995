import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type PluginOption } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = 'http://127.0.0.1:8787';
const project = here('project.inlang');
const outdir = here('src/lib/paraglide');
const strategy = ['localStorage', 'preferredLanguage', 'baseLocale'] as const;

// The message compiler leaves timers of half a minute behind, which would hold a finished build open;
// a build therefore compiles in a process of its own, and only the dev server watches.
function messages(command: 'build' | 'serve'): PluginOption {
  if (command === 'serve') {
    return paraglideVitePlugin({
      project,
      outdir,
      outputStructure: 'message-modules',
      strategy: [...strategy],
      emitReadme: false,
    });
  }
  const compiler = here('../node_modules/@inlang/paraglide-js/bin/run.js');
  const where = ['--project', project, '--outdir', outdir];
  const how = ['--strategy', ...strategy, '--no-emit-readme', '--silent'];
  execFileSync(process.execPath, [compiler, 'compile', ...where, ...how], { stdio: 'inherit' });
  return [];
}

// What every screen needs is one file: two dozen small ones compress worse than it by a twentieth.
const everyScreen =
  /node_modules\/(esm-env|clsx|svelte)\/(?!src\/internal\/client\/dom\/(blocks\/svelte-element|elements\/bindings\/input))|src\/lib\/(api|client|problem|preferences\.svelte|paths|format|said|card\/booklet)\.ts|paraglide\/runtime/;

export default defineConfig(({ command }) => ({
  root: here('.'),
  plugins: [
    messages(command),
    tailwindcss(),
    sveltekit({
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }),
      compilerOptions: { runes: true },
    }),
  ],
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: { codeSplitting: { groups: [{ name: 'every-screen', test: everyScreen }] } },
        },
      },
    },
  },
  build: { target: ['safari16.4', 'chrome111', 'firefox114'] },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': server, '/.well-known': server },
  },
}));
