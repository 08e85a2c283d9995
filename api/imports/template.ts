import { writeXlsx } from 'hucre/xlsx';
import { fields } from '../../db/schema/imports.ts';
import { titles } from './columns.ts';
import { csv } from './file-pages.ts';
import type { Language } from './words.ts';

const example: Record<Language, string[]> = {
  'zh-CN': ['张三', '13800138000', '', '某某公司工会', '', '', '1990-05-01', '劳模；亲子', '3'],
  en: [
    'Zhang San',
    '13800138000',
    '',
    'The union of a company',
    '',
    '',
    '1990-05-01',
    'parent',
    '3',
  ],
};

const rows = (language: Language): string[][] => [
  fields.map((field) => titles[field][language === 'en' ? 1 : 0] ?? field),
  example[language],
];

/** An empty file of the right form, with one example to be replaced. */
export function csvTemplate(language: Language): string {
  return `\uFEFF${csv(rows(language))}`;
}

/** All columns are text, so that no spreadsheet rounds an ID number. */
export async function xlsxTemplate(language: Language): Promise<Uint8Array<ArrayBuffer>> {
  const style = { numFmt: '@' };
  return new Uint8Array(
    await writeXlsx({
      sheets: [
        {
          name: language === 'en' ? 'Members' : '会员',
          columns: fields.map(() => ({ width: 20, style })),
          rows: rows(language),
        },
      ],
    }),
  );
}
