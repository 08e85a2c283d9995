import type { Audience, ClaimKind, Share } from '../schema/benefits.ts';
import type { claimTerms, DrawWeights, Question, room } from '../schema/claims.ts';
import type { kinds } from '../schema/partners.ts';

/** A session in words: days from today, an hour of that day, how many hours, at an outlet or at a place. */
export type Sitting = {
  titleZh?: string;
  titleEn?: string;
  placeZh?: string;
  placeEn?: string;
  /** The key of an outlet's neighbourhood. */
  outlet?: string;
  inDays?: number;
  at?: number;
  hours?: number;
  priceFen?: number;
  cap: number;
};

/** Who asks for a room: from `at` o'clock, for so many `hours`; accepted, or still to be answered. */
export type Booking = {
  inDays: number;
  at: number;
  hours: number;
  people: number;
  purpose: string;
  isAccepted: boolean;
};

/** A benefit of the demo city that is claimed before the visit; instants in hours from now, unions by English name. */
export type Claimable = {
  kind: (typeof kinds)[number];
  claimKind: ClaimKind;
  owner: string;
  titleZh: string;
  titleEn: string;
  summaryZh: string;
  summaryEn: string;
  priceFen: number;
  faceValueFen: number;
  limit: [count: number, period: 'day' | 'week' | 'month' | 'total'];
  quantityMax?: number;
  hours?: [opens: number, closes: number];
  startsInHours?: number;
  audience?: Pick<Audience, 'tags'> & { unions?: string[] };
  funding?: Share[];
  partner?: string;
  places: number;
  opensInHours: number;
  closesInHours: number;
  terms?: Partial<
    Omit<typeof claimTerms.$inferInsert, 'benefitId' | 'opensAt' | 'closesAt' | 'questions'>
  > & { questions?: Question[] };
  sittings: Sitting[];
  /** Of each sitting, in so many minutes. */
  waves?: { inMinutes: number; units: number }[];
  draw?: { secret: string; weights: DrawWeights; number?: string };
  room?: Omit<typeof room.$inferInsert, 'benefitId'>;
  bookings?: Booking[];
  /** How many members have claimed already, over its sessions in turn; `waiting` so many more. */
  claims: number;
  waiting?: number;
  /** The member with whom the story is told is one of them. */
  isOurs?: boolean;
};

const city = 'Beijing Federation of Trade Unions';
const street = 'Jiuxianqiao Street Union';
const hour = 60;
const day = 24;

const films: [zh: string, en: string][] = [
  ['长城内外', 'Beyond the Wall'],
  ['胡同里的春天', 'Spring in the Hutong'],
];

/** One of each kind of claim, and one draw that is over. */
export const claimables: Claimable[] = [
  {
    kind: 'cinema',
    claimKind: 'drop',
    owner: city,
    titleZh: '新片观影抢票',
    titleEn: 'New films, tickets at a stroke',
    summaryZh: '本周新片，准点放票，每人每月两张。',
    summaryEn: 'This week’s new films; tickets are let go at a stated second, two a month each.',
    priceFen: 3500,
    faceValueFen: 7000,
    limit: [2, 'month'],
    quantityMax: 2,
    partner: 'Huaixu Cinema',
    places: 500,
    opensInHours: -2,
    closesInHours: 6 * day,
    terms: { cancelMinutes: 120, lateCancelWeight: 1, noShowWeight: 1, answerMinutes: 30 },
    sittings: films.flatMap(([titleZh, titleEn], n) =>
      ['dongzhimen', 'jiuxianqiao'].map((outlet, m) => ({
        ...{ titleZh, titleEn, outlet },
        inDays: 3 + n,
        at: 14 + 5 * m,
        hours: 2,
        cap: 0,
      })),
    ),
    waves: [
      { inMinutes: 15, units: 12 },
      { inMinutes: 24 * hour, units: 8 },
    ],
    claims: 0,
  },
  {
    kind: 'photo',
    claimKind: 'slot',
    owner: city,
    titleZh: '全家福摄影预约',
    titleEn: 'Family photo, by appointment',
    summaryZh: '约一个时间，带上家人，最多四人。',
    summaryEn: 'Choose a time and bring the family, four people at most.',
    priceFen: 4900,
    faceValueFen: 12000,
    limit: [4, 'month'],
    quantityMax: 4,
    partner: 'Yanxia Family Photography',
    places: 400,
    opensInHours: -3 * day,
    closesInHours: 20 * day,
    terms: { cancelMinutes: day * hour, lateCancelWeight: 1, noShowWeight: 2, answerMinutes: 120 },
    sittings: [1, 2, 3, 4, 5, 6, 7].flatMap((inDays) =>
      [10, 14].map((at) => ({
        ...{ inDays, at, hours: 1, cap: 6 },
        outlet: inDays % 2 === 0 ? 'sijiqing' : 'xueyuanlu',
      })),
    ),
    claims: 50,
    waiting: 14,
    isOurs: true,
  },
  {
    kind: 'driving',
    claimKind: 'sign_up',
    owner: city,
    titleZh: '驾校报名',
    titleEn: 'Driving school sign-up',
    summaryZh: '工会团报价，包接送，填一张表即可。',
    summaryEn: 'The union’s group price with transport; one short form.',
    priceFen: 0,
    faceValueFen: 50000,
    limit: [1, 'total'],
    places: 40,
    opensInHours: -day,
    closesInHours: 10 * day,
    terms: {
      needsApproval: true,
      questions: [
        {
          id: 'licence',
          kind: 'choice',
          labelZh: '学哪种车型',
          labelEn: 'Which licence',
          isRequired: true,
          options: [
            { id: 'c1', labelZh: 'C1 手动挡', labelEn: 'C1, manual' },
            { id: 'c2', labelZh: 'C2 自动挡', labelEn: 'C2, automatic' },
          ],
        },
        {
          id: 'days',
          kind: 'number',
          labelZh: '每周能练几天',
          labelEn: 'Days a week for practice',
          isRequired: true,
          min: 1,
          max: 7,
        },
        {
          id: 'remark',
          kind: 'text',
          labelZh: '还有什么要说明的',
          labelEn: 'Anything else',
          isRequired: false,
          max: 200,
        },
      ],
    },
    sittings: [
      {
        ...{ titleZh: '十二期班', titleEn: 'Course twelve' },
        ...{ placeZh: '海淀驾校上地校区', placeEn: 'Haidian Driving School, Shangdi' },
        ...{ inDays: 14, at: 9, hours: 3, cap: 30 },
      },
    ],
    claims: 8,
  },
  {
    kind: 'activity',
    claimKind: 'sign_up',
    owner: city,
    titleZh: '周末徒步',
    titleEn: 'Weekend hike',
    summaryZh: '一键报名，带队出发，自备午餐。',
    summaryEn: 'One tap to join; bring your own lunch.',
    priceFen: 0,
    faceValueFen: 8000,
    limit: [2, 'month'],
    quantityMax: 2,
    places: 60,
    opensInHours: -2 * day,
    closesInHours: 5 * day,
    terms: { walkIns: true, noShowWeight: 1, doorMinutes: 24 * hour },
    sittings: [
      {
        ...{ titleZh: '香山步道', titleEn: 'Xiangshan trail' },
        ...{ placeZh: '香山公园东门', placeEn: 'Xiangshan Park, east gate' },
        ...{ inDays: 1, at: 8, hours: 6, cap: 30 },
      },
    ],
    claims: 17,
    isOurs: true,
  },
  {
    kind: 'park',
    claimKind: 'draw',
    owner: city,
    titleZh: '新年灯会摇号',
    titleEn: 'New Year lanterns, by lot',
    summaryZh: '三种面值按 30%、30%、40% 的资金分配，公开摇号，人人可验算。',
    summaryEn:
      'Three face values with 30, 30 and 40 % of the money; a public draw that anybody can check.',
    priceFen: 30000,
    faceValueFen: 30000,
    limit: [1, 'total'],
    startsInHours: 7 * day,
    partner: 'Hefeng Park',
    places: 100,
    opensInHours: -day,
    closesInHours: 2 * day,
    terms: { holdMinutes: 1440, answerMinutes: 1440 },
    sittings: [
      { titleZh: '三百元票', titleEn: '300 yuan', priceFen: 30000, cap: 6 },
      { titleZh: '二百元票', titleEn: '200 yuan', priceFen: 20000, cap: 9 },
      { titleZh: '一百元票', titleEn: '100 yuan', priceFen: 10000, cap: 24 },
    ],
    draw: { secret: 'a1'.repeat(32), weights: { neverWon: 2, tags: { 劳模: 1 } } },
    claims: 70,
  },
  {
    kind: 'park',
    claimKind: 'draw',
    owner: city,
    titleZh: '冰雪季摇号',
    titleEn: 'Ice and snow, by lot',
    summaryZh: '已摇号，结果公示中。',
    summaryEn: 'Drawn; the result is public.',
    priceFen: 20000,
    faceValueFen: 20000,
    limit: [1, 'total'],
    startsInHours: -day,
    partner: 'Hefeng Park',
    places: 60,
    opensInHours: -5 * day,
    closesInHours: -day,
    terms: { answerMinutes: 1440 },
    sittings: [
      { titleZh: '二百元票', titleEn: '200 yuan', priceFen: 20000, cap: 5 },
      { titleZh: '一百元票', titleEn: '100 yuan', priceFen: 10000, cap: 20 },
    ],
    draw: {
      secret: 'b2'.repeat(32),
      weights: { neverWon: 1, tags: { 劳模: 2 } },
      number: '03 08 15 19 22 31 + 07',
    },
    claims: 60,
    isOurs: true,
  },
  {
    kind: 'room',
    claimKind: 'room',
    owner: street,
    titleZh: '酒仙桥职工活动室',
    titleEn: 'Jiuxianqiao activity room',
    summaryZh: '街道内各单位共用，可约会议、排练、棋牌。',
    summaryEn: 'Shared by the firms of the street for meetings, rehearsals and games.',
    priceFen: 0,
    faceValueFen: 10000,
    limit: [8, 'month'],
    hours: [9 * hour, 21 * hour],
    audience: { unions: [street] },
    places: 500,
    opensInHours: -10 * day,
    closesInHours: 180 * day,
    terms: { needsApproval: true, hasWaitList: false, cancelMinutes: 12 * hour, noShowWeight: 1 },
    sittings: [],
    room: {
      placeZh: '酒仙桥路 12 号职工之家 203 室',
      placeEn: 'Staff House, 12 Jiuxianqiao Rd, room 203',
      peopleMax: 30,
      minutesMin: 30,
      minutesMax: 180,
      minutesAWeek: 6 * hour,
      daysAhead: 30,
    },
    bookings: [
      { inDays: 1, at: 10, hours: 1.5, people: 12, purpose: '班组安全学习', isAccepted: true },
      { inDays: 1, at: 14, hours: 2, people: 20, purpose: '元旦晚会合唱排练', isAccepted: true },
      { inDays: 2, at: 18, hours: 1, people: 8, purpose: '职工象棋赛', isAccepted: false },
      { inDays: 4, at: 9, hours: 1, people: 25, purpose: '新会员见面会', isAccepted: false },
      { inDays: 8, at: 14, hours: 2, people: 20, purpose: '元旦晚会合唱排练', isAccepted: true },
    ],
    claims: 0,
  },
  {
    kind: 'shop',
    claimKind: 'offer',
    owner: city,
    titleZh: '会员价草莓两斤',
    titleEn: 'Strawberries at the member price',
    summaryZh: '农场直供，会员价 29 元，到店出示通卡自提。',
    summaryEn: 'From the farm for 29 yuan; show the card and take them home.',
    priceFen: 2900,
    faceValueFen: 5900,
    limit: [2, 'month'],
    quantityMax: 2,
    funding: [{ payer: 'co_payment', amountFen: 2900 }],
    partner: 'Hegu Family Farm',
    places: 200,
    opensInHours: -2 * day,
    closesInHours: 30 * day,
    terms: { hasWaitList: false },
    sittings: [{ titleZh: '草莓两斤', titleEn: 'A kilogram', cap: 120 }],
    claims: 40,
    isOurs: true,
  },
];
