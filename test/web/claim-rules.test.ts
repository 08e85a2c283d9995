// Risk: a member reads that he may take so many pieces where his family is meant, or so many people where it is tickets.
import { afterEach, expect, test } from 'vitest';
import { rulesSentence } from '../../web/src/lib/claims/rules.ts';
import type { Kind } from '../../web/src/lib/claims/types.ts';
import { baseLocale, overwriteGetLocale } from '../../web/src/lib/paraglide/runtime.js';

afterEach(() => overwriteGetLocale(() => baseLocale));

const said = (kind: Kind, quantityMax: number) =>
  rulesSentence(
    {
      ...{ kind, quantityMax, opensAt: '2026-01-01T00:00:00Z', closesAt: '2027-01-01T00:00:00Z' },
      ...{ holdMinutes: null, cancelMinutes: 0, hasWaitList: false, answerMinutes: 60 },
      ...{ needsApproval: false, lateCancelWeight: 0, noShowWeight: 0, wave: null },
    },
    Date.parse('2026-06-01T00:00:00Z'),
  );

test.each<[Kind, string, string]>([
  ['slot', '一次最多 4 人。', 'Up to 4 people at once.'],
  ['sign_up', '一次最多 4 人。', 'Up to 4 people at once.'],
  ['room', '一次最多 4 人。', 'Up to 4 people at once.'],
  ['drop', '一次最多 4 份。', 'Up to 4 at once.'],
  ['draw', '一次最多 4 份。', 'Up to 4 at once.'],
  ['offer', '一次最多 4 份。', 'Up to 4 at once.'],
])('%s: what is counted is named', (kind, chinese, english) => {
  expect(said(kind, 4)).toContain(chinese);
  expect(said(kind, 1)).not.toContain('一次最多');
  overwriteGetLocale(() => 'en');
  expect(said(kind, 4)).toContain(english);
  expect(said(kind, 1)).not.toContain('at once');
});
