import type { Columns, Field, RowProblem } from '../../db/schema/imports.ts';
import { isDay, readIdNumber } from '../members/id-number.ts';
import { readPhone } from '../sessions/phone.ts';

export type Row = {
  problem: RowProblem | null;
  name: string | null;
  phone: string | null;
  idNumber: string | null;
  unit: string | null;
  branch: string | null;
  district: string | null;
  bornOn: string | null;
  tags: string[] | null;
  familySize: number | null;
};

const nameLengthMax = 50;
const unitLengthMax = 100;
const tagsMax = 10;
const tagLengthMax = 20;
const familyMax = 20;
const plain = /^\d*$/;
// What a spreadsheet makes of a number too long for it, and how people keep it from doing so: '110101…, ="110101…".
const rounded = /^\d(\.\d+)?E\+?\d+$/i;
const asText = /^(?:'|=\s*")?(.*?)"?$/;
// Left between two characters to make a name of two as wide as one of three.
const padding = /(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu;
// Controls, and what changes the direction or the look of the text around it.
const unseen = /[\p{Cf}]/gu;
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * One row of a file by its chosen columns, with the first thing that is wrong with it. Whatever could be read stays, so
 * that nobody is taken for gone because of a slip of the pen.
 */
export function readRow(cells: readonly string[], columns: Columns, width: number): Row {
  let problem: RowProblem | null = null;
  const wrong = (found: RowProblem): null => {
    problem ??= found;
    return null;
  };
  const cell = (field: Field): string => {
    const at = columns[field];
    return at === undefined ? '' : (cells[at] ?? '').normalize('NFC').replace(unseen, '').trim();
  };
  const number = (field: Field): string => {
    const written = cell(field);
    if (plain.test(written)) return written;
    const [, text = ''] = asText.exec(written.normalize('NFKC')) ?? [];
    if (rounded.test(text.trim())) wrong('number_rounded');
    return text.trim();
  };
  const short = (field: Field): string | null => cell(field).slice(0, unitLengthMax) || null;

  // Spreadsheets leave out empty cells at the end; what stands behind the table was shifted by a stray separator.
  if (cells.length < 2 || cells.slice(width).some((text) => text.trim() !== ''))
    wrong('row_malformed');
  const nameText = cell('name').replace(padding, '');
  const name = isText(nameText, nameLengthMax) ? nameText : wrong('name_invalid');
  const phoneText = number('phone');
  const idText = number('idNumber');
  if (phoneText === '' && idText === '') wrong('identity_missing');
  const phone = phoneText === '' ? null : (phoneIn(phoneText) ?? wrong('phone_invalid'));
  const read = idText === '' ? null : readIdNumber(idText);
  const id = typeof read === 'string' ? wrong(read) : read;
  const bornText = number('bornOn');
  const born = bornText === '' ? (id?.bornOn ?? null) : dayIn(bornText);
  const bornOn = bornText !== '' && born === null ? wrong('born_invalid') : born;
  return {
    name,
    phone,
    idNumber: id?.number ?? null,
    bornOn: id && bornOn !== null && bornOn !== id.bornOn ? wrong('born_invalid') : bornOn,
    tags: cell('tags') === '' ? null : (tagsIn(cell('tags')) ?? wrong('tags_invalid')),
    familySize:
      number('familySize') === ''
        ? null
        : (familyIn(number('familySize')) ?? wrong('family_invalid')),
    unit: short('unit'),
    branch: short('branch'),
    district: short('district'),
    problem,
  };
}

export function isText(text: string, lengthMax: number): boolean {
  return text !== '' && text.length <= lengthMax && !invisible.test(text);
}

function phoneIn(text: string): string | null {
  try {
    return readPhone(text);
  } catch {
    return null;
  }
}

/** As 1990-05-01, 1990/5/1, 1990.5.1, 1990年5月1日 or 19900501; a time of midnight behind it says nothing. */
function dayIn(text: string): string | null {
  const [, year = '', month = '', day = ''] =
    /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))(?: 0?0:00(?::00)?)?$/
      .exec(text)
      ?.filter((part) => part !== undefined) ?? [];
  const at = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(at) ? at : null;
}

/** Empty says nothing about them; one of these words, that there are none. */
const noTags = new Set(['无', 'none', '-']);

function tagsIn(text: string): string[] | null {
  if (noTags.has(text.toLowerCase())) return [];
  const tags = text
    .split(/[;；、]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return tags.length <= tagsMax && tags.every((tag) => isText(tag, tagLengthMax)) ? tags : null;
}

function familyIn(text: string): number | null {
  const size = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= familyMax ? size : null;
}
