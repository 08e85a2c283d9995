import type { RowProblem, undoOutcomes } from '../../db/schema/imports.ts';

export type Language = 'zh-CN' | 'en';

/** Why a row was not taken in, for the file of rejected rows; the screens have their own words. */
export const problemWords: Record<Language, Record<RowProblem, string>> = {
  'zh-CN': {
    row_malformed: '列数与表头不符',
    name_invalid: '姓名应为 1 到 50 个字',
    identity_missing: '手机号和身份证号至少填一个',
    number_rounded: '号码被表格软件改成了科学计数或取整，请把该列设为“文本”后重新填写',
    phone_invalid: '手机号不正确',
    id_number_invalid: '身份证号不正确',
    id_number_check_digit: '身份证号校验位不符',
    born_invalid: '出生日期不正确，或与身份证号不符',
    tags_invalid: '标签最多十个，每个不超过 20 个字',
    family_invalid: '家庭人数应为 1 到 20',
    unit_missing: '未填写单位工会',
    unit_unknown: '本工会之下没有这个单位工会',
    unit_ambiguous: '有多个同名单位工会，请填写上级工会或区',
    duplicate_in_file: '与文件中前面的一行是同一人',
    id_number_differs: '该手机号登记在另一个身份证号名下',
    phone_of_another: '该手机号是另一位会员的',
    member_elsewhere: '是其他工会的会员：请申请转会',
    changed_meanwhile: '预检之后信息已变化，请重新导入这一行',
  },
  en: {
    row_malformed: 'The columns do not match the header',
    name_invalid: 'The name must have 1 to 50 characters',
    identity_missing: 'There must be a phone number or an ID number',
    number_rounded:
      'The spreadsheet has rounded this number: make the column text and enter it anew',
    phone_invalid: 'This is not a mobile number',
    id_number_invalid: 'This is not an ID number',
    id_number_check_digit: 'The check digit of the ID number does not fit',
    born_invalid: 'The date of birth is wrong or contradicts the ID number',
    tags_invalid: 'At most ten tags of 20 characters',
    family_invalid: 'The family must have 1 to 20 members',
    unit_missing: 'The unit union is missing',
    unit_unknown: 'There is no such unit below your union',
    unit_ambiguous: 'Several units have this name: name the union above or the district',
    duplicate_in_file: 'An earlier row of the file is about the same person',
    id_number_differs: 'This phone number stands under another ID number',
    phone_of_another: 'This phone number is another member’s',
    member_elsewhere: 'Is a member of another union: ask for a transfer',
    changed_meanwhile: 'Has changed since the dry run: import this row again',
  },
};

export const rowWords: Record<Language, [row: string, reason: string]> = {
  'zh-CN': ['行号', '未导入原因'],
  en: ['Row', 'Reason'],
};

/** Why an undo left somebody alone. */
type Kept = Exclude<(typeof undoOutcomes)[number], 'undone'>;

export const keptWords: Record<Language, Record<Kept, string>> = {
  'zh-CN': { has_card: '已领卡', was_used: '已使用', changed_since: '之后又被修改' },
  en: { has_card: 'Has a card', was_used: 'Was used', changed_since: 'Was changed since' },
};

export const keptHead: Record<Language, string[]> = {
  'zh-CN': ['行号', '姓名', '单位工会', '未撤销原因'],
  en: ['Row', 'Name', 'Unit', 'Reason'],
};
