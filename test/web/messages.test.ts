import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemCodes } from '../../api/errors.ts';
import { words } from '../../api/insights/words.ts';
import { reasons } from '../../db/schema/reasons.ts';
import { inWordsAtDesk } from '../../web/src/lib/desk-errors.ts';
import { Problem } from '../../web/src/lib/problem.ts';

const folder = 'web/messages';
const locales = ['zh-CN', 'en'] as const;

function messagesOf(locale: string): Record<string, string> {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${locale}.`));
  return Object.assign(
    {},
    ...files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object),
  ) as Record<string, string>;
}

const [chinese, english] = locales.map(messagesOf);
const sources = readdirSync('web/src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !path.includes('paraglide'))
  .map((path) => ({ path, text: readFileSync(join('web/src', path), 'utf8') }));
const atFault = inWordsAtDesk(new Problem('internal_error', 500));
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').toSorted();

// Risk: a screen half in the other language, or a key shown instead of a sentence.
test('both languages say the same things', () => {
  expect(Object.keys(english ?? {}).toSorted()).toEqual(Object.keys(chinese ?? {}).toSorted());
  expect(Object.keys(chinese ?? {}).length).toBeGreaterThan(100);
});

test('both languages take the same figures', () => {
  const different = Object.entries(chinese ?? {}).filter(
    ([key, text]) => String(placeholders(text)) !== String(placeholders(english?.[key] ?? '')),
  );
  expect(different).toEqual([]);
});

test('no message is empty, and none is Chinese in English', () => {
  const empty = [...Object.entries(chinese ?? {}), ...Object.entries(english ?? {})].filter(
    ([, text]) => text.trim() === '',
  );
  expect(empty).toEqual([]);
  const leftOver = Object.entries(english ?? {}).filter(
    ([key, text]) => /\p{Script=Han}/u.test(text) && key !== 'common_other_language',
  );
  expect(leftOver).toEqual([]);
});

test('every message is used, and every used one exists', () => {
  const used = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(/\bm\.(\w+)/g)].map(([, key]) => key ?? '')),
  );
  const known = Object.keys(chinese ?? {});
  expect(known.filter((key) => !used.has(key))).toEqual([]);
  expect([...used].filter((key) => !known.includes(key))).toEqual([]);
});

// Risk: somebody is refused, and reads that the service is at fault.
test('every refusal of the API has its words', () => {
  const silent = problemCodes.filter((code) => {
    const words = (reasons as readonly string[]).includes(code)
      ? chinese?.[`reason_${code}`]
      : inWordsAtDesk(new Problem(code, 400));
    return words === undefined || (words === atFault && code !== 'internal_error');
  });
  expect(atFault).not.toBe('');
  expect(silent).toEqual([]);
});

// A language is named in itself, so that whoever needs it can read it.
const ownNames = /'中文'/g;

test('no Chinese stands in the code of a screen', () => {
  const spoken = sources.filter(({ path, text }) => {
    const code = text.replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
    return path.endsWith('.svelte') && /\p{Script=Han}/u.test(code.replace(ownNames, ''));
  });
  expect(spoken.map(({ path }) => path)).toEqual([]);
});

// Risk: a file says of the same refusal something else than the screen it was taken from.
test('a file says a reason as the screen does', () => {
  for (const [language, messages] of [
    ['zh-CN', chinese],
    ['en', english],
  ] as const)
    for (const [reason, said] of Object.entries(words[language].reasons))
      expect(said).toBe(messages?.[`reason_${reason}`]);
});
