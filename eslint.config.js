import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const root = import.meta.dirname;

export default ts.config(
  {
    ignores: [
      'node_modules',
      '.data',
      '.wrangler',
      'coverage',
      'web/build',
      'web/.svelte-kit',
      'web/src/lib/paraglide',
    ],
  },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // TypeScript reports undefined names better, also across Svelte and worker globals.
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      // The product lives at the root of its own origin; web/src/lib/paths.ts makes every address.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    // A promise nobody waits for is a redemption nobody hears about.
    files: ['api/**/*.ts', 'db/**/*.ts', 'test/**/*.ts'],
    ignores: ['test/web/**'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    // What a person reads in a terminal is printed; the server itself writes structured logs.
    files: [
      'api/node.ts',
      'api/node/**',
      'api/worker.ts',
      'db/seed/**',
      'test/**',
      'web/**/*.config.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
