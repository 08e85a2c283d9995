import type { Transaction } from '../client.ts';
import type { AppliedOutlet } from '../schema/applications.ts';
import { dayMs } from './calendar.ts';
import type { Partner } from './partners.ts';
import type { SealedPhone } from './phones.ts';
import type { Union } from './unions.ts';

export type AdmissionContext = {
  now: number;
  seal: (phone: string) => SealedPhone;
  unions: Union[];
  partners: Partner[];
};

type Asked = {
  district: string;
  kind: Partner['kind'];
  nameZh: string;
  nameEn: string;
  licence: string;
  daysAgo: number;
  question: string | null;
};

const asked: Asked[] = [
  {
    district: '110105',
    kind: 'cinema',
    nameZh: '南塘影院',
    nameEn: 'Nantang Cinema',
    licence: '91110105MA01K7QX3N',
    daysAgo: 2,
    question: null,
  },
  {
    district: '110105',
    kind: 'gym',
    nameZh: '麦浪健身',
    nameEn: 'Mailang Fitness',
    licence: '91110105MA00X8GJ7C',
    daysAgo: 6,
    question: '请补充每天的营业时间。',
  },
];

/** What a district's desk and a counter have to do: applications to answer, a benefit to test, a partner that pauses. */
export async function inventAdmissions(tx: Transaction, context: AdmissionContext): Promise<void> {
  for (const one of asked) await apply(tx, context, one);
  const partnerOf = (nameEn: string) =>
    context.partners.find((partner) => partner.nameEn === nameEn)?.id ?? 0;
  await tx`
    insert into benefit_partner (benefit_id, partner_id, admitted_at, state)
    select b.id, ${partnerOf('Huaixu Cinema')}, ${new Date(context.now - dayMs)}, 'testing'
    from benefit b where b.title_en = '50 yuan of books'
    on conflict do nothing`;
  await tx`
    update partner set paused_at = clock(), pause_reason = '装修，预计下月恢复'
    where id = ${partnerOf('Yanfang Books')}`;
}

async function apply(tx: Transaction, context: AdmissionContext, one: Asked): Promise<void> {
  const { now, seal, unions } = context;
  const district = unions.find(({ districtCode }) => districtCode === one.district);
  if (!district) throw new Error(`There is no district ${one.district}.`);
  const outlet: AppliedOutlet = {
    districtId: district.id,
    nameZh: one.nameZh,
    nameEn: one.nameEn,
    addressZh: '朝阳北路118号',
    addressEn: '118 Chaoyang North Road',
    latitude: 39.923,
    longitude: 116.498,
    hours: Array.from({ length: 7 }, () => ({ opens: 600, closes: 1320 })),
  };
  const id = `applicant-${one.licence}`;
  await tx`
    insert into auth_user (id, name, email) values (${id}, '', ${`${id}@m.invalid`})`;
  const at = new Date(now - one.daysAgo * dayMs);
  await tx`
    insert into application (user_id, district_id, kind, name_zh, name_en, licence, contact_name,
      contact_phone_cipher, outlets, state, reason, submitted_at, decided_at, version)
    values (${id}, ${district.id}, ${one.kind}, ${one.nameZh}, ${one.nameEn}, ${one.licence}, '赵经理',
      ${seal('+8613800138000').cipher}, ${tx.json([outlet])},
      ${one.question === null ? 'submitted' : 'asked'}, ${one.question}, ${at},
      ${one.question === null ? null : at}, ${one.question === null ? 1 : 2})`;
}
