import { phoneOf } from './phones.ts';

export type Role = 'member' | 'operator' | 'manager' | 'administrator' | 'viewer';

/** Someone the demo can be tried as. */
export type DemoPerson = {
  key: string;
  role: Role;
  titleZh: string;
  titleEn: string;
  name: string;
  /** E.164, of a range given to nobody. */
  phone: string;
};

export type DemoMember = DemoPerson & {
  role: 'member';
  /** The street or industry union above the enterprise. */
  under: string;
  age: number;
  tags: string[];
  /** none: never had the card on a phone; lost: an earlier phone is gone; elsewhere: another phone has it now. */
  card: 'none' | 'lost' | 'elsewhere';
  hasLeft?: boolean;
};

export type DemoStaff = DemoPerson & {
  role: Exclude<Role, 'member'>;
  /** The partner or union. */
  of: string;
  outlets?: string[];
};

/** The story's member first: at home in Dongcheng, seen in Chaoyang. */
export const memberPeople: DemoMember[] = [
  {
    key: 'member_dongcheng',
    role: 'member',
    titleZh: '东城区会员',
    titleEn: 'Member from Dongcheng',
    name: '许知禾',
    phone: phoneOf(1),
    under: 'Hepingli Street Union',
    age: 33,
    tags: ['亲子'],
    card: 'lost',
  },
  {
    key: 'member_jiuxianqiao',
    role: 'member',
    titleZh: '酒仙桥街道会员',
    titleEn: 'Member from Jiuxianqiao',
    name: '柏予舟',
    phone: phoneOf(2),
    under: 'Jiuxianqiao Street Union',
    age: 27,
    tags: ['青工'],
    card: 'none',
  },
  {
    key: 'member_haidian_park',
    role: 'member',
    titleZh: '海淀园会员（卡在另一部手机）',
    titleEn: 'Member from the Haidian park (card on another phone)',
    name: '沈若溪',
    phone: phoneOf(3),
    under: 'Zhongguancun Haidian Park Union',
    age: 36,
    tags: ['亲子'],
    card: 'elsewhere',
  },
  {
    key: 'member_senior',
    role: 'member',
    titleZh: '西城区会员，五十八岁',
    titleEn: 'Member from Xicheng, aged 58',
    name: '陶景恒',
    phone: phoneOf(4),
    under: 'Xinjiekou Street Union',
    age: 58,
    tags: ['劳模'],
    card: 'none',
  },
  {
    key: 'member_left',
    role: 'member',
    titleZh: '已离会的会员',
    titleEn: 'Former member',
    name: '葛南乔',
    phone: phoneOf(5),
    under: 'Wangjing Street Union',
    age: 41,
    tags: [],
    card: 'none',
    hasLeft: true,
  },
];

export const staffPeople: DemoStaff[] = [
  {
    key: 'operator_cinema',
    role: 'operator',
    titleZh: '朝阳区影院核销员',
    titleEn: 'Operator of a Chaoyang cinema',
    name: '韩晴川',
    phone: phoneOf(11),
    of: 'Huaixu Cinema',
    outlets: ['jiuxianqiao'],
  },
  {
    key: 'operator_bookshops',
    role: 'operator',
    titleZh: '三家书店的核销员',
    titleEn: 'Operator of three bookshops',
    name: '秦书遥',
    phone: phoneOf(12),
    of: 'Zhiliu Books',
    outlets: ['liangmaqiao', 'yayuncun', 'zhichunlu'],
  },
  {
    key: 'manager_cinema',
    role: 'manager',
    titleZh: '连锁影院店长',
    titleEn: 'Manager of the cinema chain',
    name: '方映松',
    phone: phoneOf(13),
    of: 'Huaixu Cinema',
  },
  {
    key: 'city_administrator',
    role: 'administrator',
    titleZh: '市总工会管理员',
    titleEn: 'City union administrator',
    name: '严承远',
    phone: phoneOf(21),
    of: 'Beijing Federation of Trade Unions',
  },
  {
    key: 'city_viewer',
    role: 'viewer',
    titleZh: '市总工会查看员',
    titleEn: 'City union viewer',
    name: '范星岚',
    phone: phoneOf(22),
    of: 'Beijing Federation of Trade Unions',
  },
  {
    key: 'dongcheng_administrator',
    role: 'administrator',
    titleZh: '东城区总工会管理员',
    titleEn: 'Dongcheng union administrator',
    name: '彭以宁',
    phone: phoneOf(23),
    of: 'Dongcheng District Union',
  },
  {
    key: 'chaoyang_administrator',
    role: 'administrator',
    titleZh: '朝阳区总工会管理员',
    titleEn: 'Chaoyang union administrator',
    name: '袁清和',
    phone: phoneOf(24),
    of: 'Chaoyang District Union',
  },
  {
    key: 'jiuxianqiao_administrator',
    role: 'administrator',
    titleZh: '酒仙桥街道总工会管理员',
    titleEn: 'Jiuxianqiao street union administrator',
    name: '邹明澄',
    phone: phoneOf(25),
    of: 'Jiuxianqiao Street Union',
  },
];

/** For the role switcher, the story's people first. */
export const demoPeople: DemoPerson[] = [...memberPeople, ...staffPeople].map(
  ({ key, role, titleZh, titleEn, name, phone }) => ({ key, role, titleZh, titleEn, name, phone }),
);
