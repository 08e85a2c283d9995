import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { csv, streamOf } from './file-pages.ts';
import { ownImport } from './own.ts';
import { type Affected, listAffected } from './people.ts';
import { keptHead, keptWords, type Language } from './words.ts';

const rowsAPage = 500;

/**
 * Whom an undo left alone, as CSV with a byte order mark: the rows of the file that it did not take back, with their
 * numbers, then those who had left by the file and did not come back.
 */
export async function exportNotUndone(
  c: Ctx,
  id: string,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  const { state } = await ownImport(c, c.env.db, id);
  if (state !== 'undone') throw new Problem('import_at_another_step', { state });
  return streamOf(pagesOf(c, id, language));
}

async function* pagesOf(c: Ctx, id: string, language: Language): AsyncGenerator<string, void> {
  yield `\uFEFF${csv([keptHead[language]])}`;
  for (const group of ['notUndone', 'leaving'] as const) {
    for (let after: number | null = 0; after !== null;) {
      const { people, next } = await listAffected(c, id, { group, after, limit: rowsAPage });
      const line = ({ key, name, unit, undone }: Affected) => [
        group === 'leaving' ? '' : key,
        name,
        language === 'en' ? unit.nameEn : unit.nameZh,
        undone === null || undone === 'undone' ? '' : keptWords[language][undone],
      ];
      if (people.length > 0) yield csv(people.map(line));
      after = next;
    }
  }
}
