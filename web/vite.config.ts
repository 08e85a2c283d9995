import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { build, defineConfig, loadEnv, type Plugin, type PluginOption } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
// Where `npm run dev` has the API listen.
const { PORT = '8787' } = loadEnv('development', here('.'), 'PORT');
const server = `http://127.0.0.1:${PORT}`;
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

// The page for browsers below the design floor is a program of its own, in the syntax of 2015.
function plainPage(): Plugin {
  return {
    name: 'plain-page',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'client',
    async generateBundle() {
      const made = await build({
        configFile: false,
        root: here('.'),
        logLevel: 'error',
        publicDir: false,
        build: {
          write: false,
          target: 'es2015',
          lib: { entry: here('src/plain/plain.ts'), formats: ['iife'], name: 'plain' },
        },
      });
      for (const { output } of [made].flat().filter((one) => 'output' in one)) {
        this.emitFile({ type: 'asset', fileName: 'plain.js', source: output[0].code });
      }
    },
  };
}

// What every screen needs is one file: two dozen small ones compress worse than it by a twentieth.
const everyScreen =
  /node_modules\/(esm-env|clsx|svelte)\/(?!src\/(reactivity\/|internal\/client\/dom\/(blocks\/svelte-element|elements\/bindings\/(input|select))))|src\/lib\/(api|client|problem|preferences\.svelte|paths|format|said|card\/booklet)\.ts|src\/lib\/ui\/(Toggle|Skeleton)\.svelte|paraglide\/(runtime|messages\/(nav_|common_(loading|elderly|skip|to_start|product)\.))|rolldown\/runtime/;

// Only a member's first screen counts its bytes: it and the list of benefits know what they import. All other pages, and
// parts that come later, fetch it one trip later, once, before the service worker has all of it, so that nobody else
// carries the list.
const elsewhere =
  /\/\((console|merchant)\)\/|\/\(member\)\/(claims|inbox|history|settings|benefits\/\[)/;

function isAtOnce(chunk: string): boolean {
  const node = /nodes\/(\d+)\./.exec(chunk)?.[1];
  if (node === undefined) return false;
  const source = here(`.svelte-kit/generated/build/client-optimized/nodes/${node}.js`);
  return !existsSync(source) || !elsewhere.test(readFileSync(source, 'utf8'));
}

export default defineConfig(({ command }) => ({
  root: here('.'),
  plugins: [
    messages(command),
    tailwindcss(),
    plainPage(),
    sveltekit({
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }),
      compilerOptions: { runes: true },
    }),
  ],
  environments: {
    client: {
      build: {
        modulePreload: {
          resolveDependencies: (chunk, deps) =>
            isAtOnce(chunk) ? deps : deps.filter((dep) => dep.endsWith('.css')),
        },
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
