import { type DemoPerson, demoPeople } from '../../api/sessions/demo-people.ts';

export { demoPeople };

export type MemberPart = {
  /** The street or industry union above the enterprise. */
  under: string;
  age: number;
  tags: string[];
  /** none: never had the card on a phone; lost: an earlier phone is gone; elsewhere: another phone has it now. */
  card: 'none' | 'lost' | 'elsewhere';
  hasLeft?: boolean;
};

/** The partner and its outlets, or the union. */
export type StaffPart = { of: string; outlets?: string[] };

export type DemoMember = DemoPerson & MemberPart;
export type DemoStaff = DemoPerson & StaffPart;

const memberParts: Record<string, MemberPart> = {
  member_dongcheng: { under: 'Hepingli Street Union', age: 33, tags: ['亲子'], card: 'lost' },
  member_jiuxianqiao: { under: 'Jiuxianqiao Street Union', age: 27, tags: ['青工'], card: 'none' },
  member_haidian_park: {
    under: 'Zhongguancun Haidian Park Union',
    age: 36,
    tags: ['亲子'],
    card: 'elsewhere',
  },
  member_senior: { under: 'Xinjiekou Street Union', age: 58, tags: ['劳模'], card: 'none' },
  member_on_paper: { under: 'Hepingli Street Union', age: 59, tags: ['劳模'], card: 'none' },
  member_proxy: { under: 'Hepingli Street Union', age: 31, tags: ['亲子'], card: 'none' },
  member_left: { under: 'Wangjing Street Union', age: 41, tags: [], card: 'none', hasLeft: true },
};

const staffParts: Record<string, StaffPart> = {
  operator_cinema: { of: 'Huaixu Cinema', outlets: ['jiuxianqiao'] },
  operator_bookshops: { of: 'Zhiliu Books', outlets: ['liangmaqiao', 'yayuncun', 'zhichunlu'] },
  operator_car_wash: { of: 'Jingtu Car Wash', outlets: ['shuangjing'] },
  manager_cinema: { of: 'Huaixu Cinema' },
  city_administrator: { of: 'Beijing Federation of Trade Unions' },
  city_finance: { of: 'Beijing Federation of Trade Unions' },
  city_viewer: { of: 'Beijing Federation of Trade Unions' },
  dongcheng_administrator: { of: 'Dongcheng District Union' },
  dongcheng_finance: { of: 'Dongcheng District Union' },
  dongcheng_auditor: { of: 'Dongcheng District Union' },
  chaoyang_administrator: { of: 'Chaoyang District Union' },
  jiuxianqiao_administrator: { of: 'Jiuxianqiao Street Union' },
};

export const memberPeople: DemoMember[] = demoPeople.flatMap((person) => {
  const part = memberParts[person.key];
  return part ? { ...person, ...part } : [];
});

export const staffPeople: DemoStaff[] = demoPeople.flatMap((person) => {
  const part = staffParts[person.key];
  return part ? { ...person, ...part } : [];
});
