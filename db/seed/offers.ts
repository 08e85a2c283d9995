import type { Audience } from '../schema/benefits.ts';
import type { OfflineTerms } from '../schema/leases.ts';
import type { Period } from './calendar.ts';
import type { Kind } from './partners.ts';

/** A benefit of the demo city, in words: unions by English name, districts by code, days counted from today. */
export type Offer = {
  kind: Kind;
  owner: string;
  titleZh: string;
  titleEn: string;
  summaryZh: string;
  summaryEn: string;
  priceFen: number;
  faceValueFen: number;
  limit: [count: number, period: Period];
  quantityMax?: number;
  startsInDays?: number;
  endsInDays?: number;
  weekdays?: number[];
  hours?: [opens: number, closes: number];
  audience?: Pick<Audience, 'age' | 'tags'> & { districts?: string[]; unions?: string[] };
  validDistricts?: string[];
  pausedBecause?: string;
  /** Only these partners, or all of its kind but these. */
  partners?: { only: string[] } | { but: string[] };
  /**
   * Places in a city of 2,000 members: for each home district (all of them unless named), and shared; `kept` are those of
   * a district that the past leaves free.
   */
  places: {
    home?: number;
    districts?: string[];
    shared?: number;
    kept?: Record<string, number>;
  };
  /** For online use alone where there is none. */
  offline?: OfflineTerms;
  /** How often it is asked for, beside the others. */
  popularity: number;
};

const city = 'Beijing Federation of Trade Unions';
const dongcheng = '110101';
const chaoyang = '110105';
const haidian = '110108';
const inner = [dongcheng, '110102', chaoyang, '110106', '110107', haidian];
const mountains = ['110116', '110118', '110119'];
const hour = 60;

const offline = (
  units: number,
  hours: number,
  cardUsesADay: number,
  valueMaxFen: number,
  variancePayer: OfflineTerms['variancePayer'],
): OfflineTerms => ({ units, hours, cardUsesADay, valueMaxFen, variancePayer });

/** Twenty benefits, chosen so that each reason for a refusal can be met at any hour of any day. */
export const offers: Offer[] = [
  {
    kind: 'cinema',
    owner: city,
    titleZh: '工会观影',
    titleEn: 'Union film ticket',
    summaryZh: '任意普通场次免费观影一场，全市合作影院通用。',
    summaryEn: 'One free seat at any regular showing, at partner cinemas all over the city.',
    priceFen: 3500,
    faceValueFen: 6000,
    limit: [4, 'month'],
    quantityMax: 2,
    partners: { but: ['Zhaoyu Cinema'] },
    places: { home: 150, shared: 600, kept: { [dongcheng]: 60 } },
    offline: offline(20, 24, 2, 7000, 'district'),
    popularity: 22,
  },
  {
    kind: 'cinema',
    owner: city,
    titleZh: '夜场电影',
    titleEn: 'Late film',
    summaryZh: '下夜班看场电影，每晚八点后可用。',
    summaryEn: 'A film after the late shift, any evening from eight.',
    priceFen: 2500,
    faceValueFen: 5000,
    limit: [1, 'week'],
    hours: [20 * hour, 24 * hour],
    places: { home: 30, shared: 200 },
    popularity: 6,
  },
  {
    kind: 'cinema',
    owner: city,
    titleZh: '周末亲情观影',
    titleEn: 'Weekend family film',
    summaryZh: '周六、周日带家人观影，一次最多三张。',
    summaryEn: 'Bring the family on Saturday or Sunday, up to three seats at once.',
    priceFen: 3000,
    faceValueFen: 6000,
    limit: [6, 'month'],
    quantityMax: 3,
    weekdays: [6, 7],
    places: { home: 60, shared: 300 },
    popularity: 8,
  },
  {
    kind: 'cinema',
    owner: city,
    titleZh: '工作日早场电影',
    titleEn: 'Weekday matinee',
    summaryZh: '周一至周五下午五点前的场次。',
    summaryEn: 'Showings before five, Monday to Friday.',
    priceFen: 1800,
    faceValueFen: 4000,
    limit: [2, 'week'],
    weekdays: [1, 2, 3, 4, 5],
    hours: [9 * hour, 17 * hour],
    places: { home: 25, shared: 100 },
    popularity: 4,
  },
  {
    kind: 'cinema',
    owner: city,
    titleZh: '贺岁片首映',
    titleEn: 'New Year premiere',
    summaryZh: '贺岁档首映专场，两周后开始。',
    summaryEn: 'The New Year premieres, from two weeks from now.',
    priceFen: 4500,
    faceValueFen: 9000,
    limit: [1, 'total'],
    startsInDays: 14,
    endsInDays: 45,
    places: { home: 20, shared: 100 },
    popularity: 0,
  },
  {
    kind: 'cinema',
    owner: city,
    titleZh: '劳模纪录片专场',
    titleEn: 'Documentary evening',
    summaryZh: '全市共四十个名额，先到先得。',
    summaryEn: 'Forty seats for the whole city, first come, first served.',
    priceFen: 2000,
    faceValueFen: 4000,
    limit: [1, 'total'],
    places: { shared: 40 },
    popularity: 4,
  },
  {
    kind: 'cinema',
    owner: 'Chaoyang District Union',
    titleZh: '朝阳会员观影月',
    titleEn: 'Chaoyang film month',
    summaryZh: '朝阳区会员在区内影院加看一场。',
    summaryEn: 'One film more for Chaoyang members, at cinemas in Chaoyang.',
    priceFen: 3200,
    faceValueFen: 6000,
    limit: [1, 'month'],
    audience: { districts: [chaoyang] },
    validDistricts: [chaoyang],
    places: { home: 160, districts: [chaoyang] },
    popularity: 6,
  },
  {
    kind: 'car_wash',
    owner: city,
    titleZh: '会员洗车',
    titleEn: 'Car wash',
    summaryZh: '标准外观清洗一次，全市网点可用。',
    summaryEn: 'A standard outside wash at any partner in the city.',
    priceFen: 2600,
    faceValueFen: 4500,
    limit: [2, 'month'],
    places: { home: 60, shared: 250 },
    offline: offline(20, 24, 1, 5200, 'union'),
    popularity: 11,
  },
  {
    kind: 'car_wash',
    owner: 'Dongcheng District Union',
    titleZh: '东城会员精洗',
    titleEn: 'Dongcheng full clean',
    summaryZh: '东城区会员专享内外精洗，在哪个区洗都行。',
    summaryEn: 'Inside and out, for Dongcheng members, in whichever district they live.',
    priceFen: 5800,
    faceValueFen: 9800,
    limit: [1, 'month'],
    audience: { districts: [dongcheng] },
    places: { home: 120, districts: [dongcheng] },
    popularity: 4,
  },
  {
    kind: 'car_wash',
    owner: city,
    titleZh: '打蜡护理',
    titleEn: 'Wax and care',
    summaryZh: '洗车并打蜡一次。',
    summaryEn: 'A wash and a coat of wax.',
    priceFen: 6800,
    faceValueFen: 12000,
    limit: [1, 'total'],
    pausedBecause: '合作网点设备检修，预计下月初恢复。',
    places: { home: 15 },
    popularity: 2,
  },
  {
    kind: 'park',
    owner: city,
    titleZh: '公园门票',
    titleEn: 'Park ticket',
    summaryZh: '每周一次，可带三位家人同行。',
    summaryEn: 'Once a week, with up to three of the family.',
    priceFen: 800,
    faceValueFen: 2000,
    limit: [4, 'week'],
    quantityMax: 4,
    places: { home: 80, shared: 400 },
    offline: offline(60, 12, 4, 3200, 'union'),
    popularity: 11,
  },
  {
    kind: 'park',
    owner: city,
    titleZh: '赏秋游园',
    titleEn: 'Autumn colours',
    summaryZh: '红叶季游园票，本季已结束。',
    summaryEn: 'Tickets for the red leaves; this season is over.',
    priceFen: 1500,
    faceValueFen: 4000,
    limit: [2, 'total'],
    quantityMax: 2,
    startsInDays: -70,
    endsInDays: -9,
    places: { home: 40, shared: 100 },
    popularity: 5,
  },
  {
    kind: 'park',
    owner: city,
    titleZh: '银龄游园',
    titleEn: 'Senior park day',
    summaryZh: '五十周岁以上会员每日可入园一次。',
    summaryEn: 'A visit a day for members of fifty and over.',
    priceFen: 500,
    faceValueFen: 2000,
    limit: [1, 'day'],
    audience: { age: { min: 50 } },
    places: { home: 40, shared: 200 },
    popularity: 4,
  },
  {
    kind: 'family',
    owner: city,
    titleZh: '亲子农场一日',
    titleEn: 'Family day on the farm',
    summaryZh: '有孩子的会员家庭，采摘、喂养、做饭，一次最多四人。',
    summaryEn: 'Picking, feeding and cooking for members with children, four people at most.',
    priceFen: 6000,
    faceValueFen: 12000,
    limit: [4, 'month'],
    quantityMax: 4,
    audience: { tags: ['亲子'] },
    places: { home: 40, shared: 200 },
    popularity: 6,
  },
  {
    kind: 'family',
    owner: 'Zhongguancun Haidian Park Union',
    titleZh: '海淀园全家福',
    titleEn: 'Haidian Park family portrait',
    summaryZh: '海淀园会员家庭摄影一套，含精修十张。',
    summaryEn: 'A family portrait with ten finished prints, for members in the Haidian park.',
    priceFen: 19900,
    faceValueFen: 39900,
    limit: [1, 'total'],
    audience: { unions: ['Zhongguancun Haidian Park Union'] },
    partners: { only: ['Yanxia Family Photography'] },
    places: { home: 40, districts: [haidian] },
    popularity: 3,
  },
  {
    kind: 'family',
    owner: city,
    titleZh: '山里人家周末',
    titleEn: 'A weekend in the hills',
    summaryZh: '仅限怀柔、密云、延庆的合作院落。',
    summaryEn: 'At partner homesteads in Huairou, Miyun and Yanqing only.',
    priceFen: 8800,
    faceValueFen: 16800,
    limit: [2, 'month'],
    quantityMax: 2,
    validDistricts: mountains,
    places: { home: 20, shared: 120 },
    popularity: 4,
  },
  {
    kind: 'bookshop',
    owner: city,
    titleZh: '购书抵五十',
    titleEn: '50 yuan of books',
    summaryZh: '每月一次，购书抵五十元。',
    summaryEn: 'Fifty yuan off your books, once a month.',
    priceFen: 4000,
    faceValueFen: 5000,
    limit: [1, 'month'],
    places: { home: 50, shared: 200 },
    offline: offline(10, 48, 1, 4000, 'partner'),
    popularity: 9,
  },
  {
    kind: 'bookshop',
    owner: city,
    titleZh: '青年共读',
    titleEn: 'Young readers',
    summaryZh: '三十五周岁以下会员，城六区工会先行试点。',
    summaryEn: 'For members of thirty-five and under, tried out by the six inner districts.',
    priceFen: 2500,
    faceValueFen: 4000,
    limit: [2, 'month'],
    audience: { age: { max: 35 } },
    places: { home: 40, districts: inner },
    popularity: 5,
  },
  {
    kind: 'gym',
    owner: city,
    titleZh: '晨练时光',
    titleEn: 'Morning exercise',
    summaryZh: '每天早六点至九点免费入场一次。',
    summaryEn: 'Free entry once a day, from six to nine in the morning.',
    priceFen: 900,
    faceValueFen: 3000,
    limit: [1, 'day'],
    hours: [6 * hour, 9 * hour],
    places: { home: 70, shared: 300 },
    popularity: 6,
  },
  {
    kind: 'gym',
    owner: 'Jiuxianqiao Street Union',
    titleZh: '酒仙桥职工健身',
    titleEn: 'Jiuxianqiao staff fitness',
    summaryZh: '酒仙桥街道会员在朝阳区健身场馆使用。',
    summaryEn: 'For members of the Jiuxianqiao street union, at gyms in Chaoyang.',
    priceFen: 1500,
    faceValueFen: 4000,
    limit: [3, 'week'],
    audience: { unions: ['Jiuxianqiao Street Union'] },
    validDistricts: [chaoyang],
    places: { home: 200, districts: [chaoyang] },
    popularity: 3,
  },
];
