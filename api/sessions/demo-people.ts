import type { OfficeRole } from '../../db/schema/roles.ts';

export type DemoPerson = {
  key: string;
  role: 'member' | 'operator' | 'manager' | OfficeRole;
  titleZh: string;
  titleEn: string;
  name: string;
  /** E.164, of a range given to nobody. */
  phone: string;
};

/**
 * The people whom the demo's role switcher offers, the story's own first of their kind. The demo city gives each of them
 * this phone and this part; their names are invented.
 */
export const demoPeople: readonly DemoPerson[] = [
  {
    key: 'member_dongcheng',
    role: 'member',
    titleZh: '东城区会员',
    titleEn: 'Member from Dongcheng',
    name: '许知禾',
    phone: '+8616900000001',
  },
  {
    key: 'member_jiuxianqiao',
    role: 'member',
    titleZh: '酒仙桥街道会员',
    titleEn: 'Member from Jiuxianqiao',
    name: '柏予舟',
    phone: '+8616900000002',
  },
  {
    key: 'member_haidian_park',
    role: 'member',
    titleZh: '海淀园会员（卡在另一部手机）',
    titleEn: 'Member from the Haidian park (card on another phone)',
    name: '沈若溪',
    phone: '+8616900000003',
  },
  {
    key: 'member_senior',
    role: 'member',
    titleZh: '西城区会员，五十八岁',
    titleEn: 'Member from Xicheng, aged 58',
    name: '陶景恒',
    phone: '+8616900000004',
  },
  {
    key: 'member_left',
    role: 'member',
    titleZh: '已离会的会员',
    titleEn: 'Former member',
    name: '葛南乔',
    phone: '+8616900000005',
  },
  {
    key: 'member_on_paper',
    role: 'member',
    titleZh: '无智能手机会员（打印卡）',
    titleEn: 'Member without a smartphone (printed card)',
    name: '谷秋生',
    phone: '+8616900000006',
  },
  {
    key: 'member_proxy',
    role: 'member',
    titleZh: '家属代办（替上一位出示）',
    titleEn: 'Family proxy (of the one above)',
    name: '谷雨晴',
    phone: '+8616900000007',
  },
  {
    key: 'operator_cinema',
    role: 'operator',
    titleZh: '朝阳区影院核销员',
    titleEn: 'Operator of a Chaoyang cinema',
    name: '韩晴川',
    phone: '+8616900000011',
  },
  {
    key: 'operator_bookshops',
    role: 'operator',
    titleZh: '三家书店的核销员',
    titleEn: 'Operator of three bookshops',
    name: '秦书遥',
    phone: '+8616900000012',
  },
  {
    key: 'operator_car_wash',
    role: 'operator',
    titleZh: '地下车库洗车店核销员',
    titleEn: 'Operator of a car wash in a basement',
    name: '蒋远帆',
    phone: '+8616900000014',
  },
  {
    key: 'manager_cinema',
    role: 'manager',
    titleZh: '连锁影院店长',
    titleEn: 'Manager of the cinema chain',
    name: '方映松',
    phone: '+8616900000013',
  },
  {
    key: 'city_administrator',
    role: 'administrator',
    titleZh: '市总工会管理员',
    titleEn: 'City union administrator',
    name: '严承远',
    phone: '+8616900000021',
  },
  {
    key: 'city_finance',
    role: 'finance',
    titleZh: '市总工会财务',
    titleEn: 'City union finance',
    name: '黎静姝',
    phone: '+8616900000026',
  },
  {
    key: 'city_viewer',
    role: 'viewer',
    titleZh: '市总工会查看员',
    titleEn: 'City union viewer',
    name: '范星岚',
    phone: '+8616900000022',
  },
  {
    key: 'dongcheng_administrator',
    role: 'administrator',
    titleZh: '东城区总工会管理员',
    titleEn: 'Dongcheng union administrator',
    name: '彭以宁',
    phone: '+8616900000023',
  },
  {
    key: 'dongcheng_finance',
    role: 'finance',
    titleZh: '东城区总工会财务',
    titleEn: 'Dongcheng union finance',
    name: '乔亦宸',
    phone: '+8616900000027',
  },
  {
    key: 'dongcheng_auditor',
    role: 'auditor',
    titleZh: '东城区总工会审计',
    titleEn: 'Dongcheng union auditor',
    name: '温若谷',
    phone: '+8616900000028',
  },
  {
    key: 'chaoyang_administrator',
    role: 'administrator',
    titleZh: '朝阳区总工会管理员',
    titleEn: 'Chaoyang union administrator',
    name: '袁清和',
    phone: '+8616900000024',
  },
  {
    key: 'jiuxianqiao_administrator',
    role: 'administrator',
    titleZh: '酒仙桥街道总工会管理员',
    titleEn: 'Jiuxianqiao street union administrator',
    name: '邹明澄',
    phone: '+8616900000025',
  },
];
