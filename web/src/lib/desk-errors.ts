import { type DeskCode, deskWords } from './desk-words.ts';
import { inWords } from './errors.ts';
import { Problem } from './problem.ts';

/** As `inWords`, for a desk. */
export function inWordsAtDesk(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : '';
  return code in deskWords ? deskWords[code as DeskCode]() : inWords(thrown);
}
