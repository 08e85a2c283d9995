import { type Columns, type Field, fields } from '../../db/schema/imports.ts';

/** What a column may be called; the first name is the template's. */
export const titles: Record<Field, readonly string[]> = {
  name: ['姓名', 'name', '会员姓名', '职工姓名', 'full name'],
  phone: [
    '手机号',
    'phone',
    '手机',
    '手机号码',
    '电话',
    '电话号码',
    '联系电话',
    '移动电话',
    'mobile',
    'phone number',
  ],
  idNumber: [
    '身份证号',
    'id number',
    '身份证',
    '身份证号码',
    '证件号码',
    '身份证件号码',
    '公民身份号码',
    'id_number',
  ],
  unit: [
    '单位工会',
    'unit',
    '单位',
    '基层工会',
    '所在单位',
    '工作单位',
    '单位名称',
    '所属工会',
    '工会名称',
    'enterprise',
  ],
  branch: ['上级工会', 'branch', '街道', '行业工会', '街道工会'],
  district: ['区', 'district', '所属区', '城区'],
  bornOn: ['出生日期', 'born on', 'born_on', '生日', '出生年月日', 'date of birth', 'birthday'],
  tags: ['标签', 'tags', '类别', '人群'],
  familySize: ['家庭人数', 'family size', 'family_size', '家庭人口'],
};

/** A title without what people write around it: 「姓 名*」, 「手机号（必填）」. */
const plain = (title: string): string =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|[\s*:]/g, '');

/** Which column holds what, by what the header calls them. */
export function guessColumns(header: readonly string[]): Columns {
  const names = header.map(plain);
  const columns: Columns = {};
  for (const field of fields) {
    const known = titles[field].map(plain);
    const at = names.findIndex((name) => known.includes(name));
    if (at >= 0) columns[field] = at;
  }
  return columns;
}

/** Names, and a number to know each person by. */
export function areEnough(columns: Columns): boolean {
  const used = Object.values(columns);
  return (
    columns.name !== undefined &&
    (columns.phone !== undefined || columns.idNumber !== undefined) &&
    new Set(used).size === used.length
  );
}
