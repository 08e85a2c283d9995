import { districts } from './districts.ts';

export type Union = {
  id: number;
  parentId: number | null;
  kind: 'city' | 'district' | 'street' | 'industry' | 'enterprise';
  level: number;
  path: number[];
  districtId: number | null;
  districtCode: string | null;
  nameZh: string;
  nameEn: string;
};

/** Street and industry unions by district. The streets and parks are real, as are the first two unions. */
const branches = `
110105 | street | 酒仙桥街道总工会 | Jiuxianqiao Street Union
110108 | industry | 中关村科学城海淀园工会 | Zhongguancun Haidian Park Union
110101 | street | 东华门街道总工会 | Donghuamen Street Union
110101 | street | 和平里街道总工会 | Hepingli Street Union
110101 | industry | 东城区餐饮行业工会联合会 | Dongcheng Catering Union
110102 | street | 金融街街道总工会 | Financial Street Union
110102 | street | 新街口街道总工会 | Xinjiekou Street Union
110102 | industry | 西城区出版行业工会联合会 | Xicheng Publishing Union
110105 | street | 望京街道总工会 | Wangjing Street Union
110105 | street | 三里屯街道总工会 | Sanlitun Street Union
110105 | industry | 朝阳区客运行业工会联合会 | Chaoyang Passenger Transport Union
110106 | street | 方庄街道总工会 | Fangzhuang Street Union
110106 | street | 卢沟桥街道总工会 | Lugouqiao Street Union
110106 | industry | 丰台科技园工会 | Fengtai Tech Park Union
110107 | street | 八角街道总工会 | Bajiao Street Union
110107 | street | 鲁谷街道总工会 | Lugu Street Union
110108 | street | 学院路街道总工会 | Xueyuan Road Street Union
110108 | street | 清河街道总工会 | Qinghe Street Union
110109 | street | 大峪街道总工会 | Dayu Street Union
110109 | street | 永定镇总工会 | Yongding Town Union
110111 | street | 拱辰街道总工会 | Gongchen Street Union
110111 | street | 新镇街道总工会 | Xinzhen Street Union
110112 | street | 新华街道总工会 | Xinhua Street Union
110112 | street | 梨园镇总工会 | Liyuan Town Union
110112 | industry | 通州区文旅行业工会联合会 | Tongzhou Culture and Tourism Union
110113 | street | 胜利街道总工会 | Shengli Street Union
110113 | industry | 顺义区物流行业工会联合会 | Shunyi Logistics Union
110114 | street | 回龙观街道总工会 | Huilongguan Street Union
110114 | street | 城北街道总工会 | Chengbei Street Union
110114 | industry | 未来科学城工会 | Future Science City Union
110115 | street | 兴丰街道总工会 | Xingfeng Street Union
110115 | street | 亦庄镇总工会 | Yizhuang Town Union
110116 | street | 龙山街道总工会 | Longshan Street Union
110116 | industry | 怀柔科学城工会 | Huairou Science City Union
110117 | street | 滨河街道总工会 | Binhe Street Union
110117 | industry | 平谷区农业行业工会联合会 | Pinggu Farming Union
110118 | street | 鼓楼街道总工会 | Gulou Street Union
110118 | street | 果园街道总工会 | Guoyuan Street Union
110119 | street | 百泉街道总工会 | Baiquan Street Union
110119 | industry | 延庆区民宿行业工会联合会 | Yanqing Guesthouse Union
`;

const brands =
  '槐安 Huaian,云檐 Yunyan,晴渚 Qingzhu,禾木 Hemu,青屿 Qingyu,知渡 Zhidu,明樾 Mingyue,朗汀 Langting,栖桐 Qitong,' +
  '远岫 Yuanxiu,松砚 Songyan,澄陌 Chengmo,岚溪 Lanxi,沐川 Muchuan,曦禾 Xihe,嘉澍 Jiashu,泽畔 Zepan,筑微 Zhuwei,' +
  '衡度 Hengdu,启栈 Qizhan,归帆 Guifan,叠泉 Diequan,梧里 Wuli,星垣 Xingyuan';
const trades =
  '软件 Software,物流 Logistics,餐饮 Catering,出版 Publishing,建筑 Building,医药 Pharma,电子 Electronics,' +
  '家政 Home Care,商贸 Trading,设计 Design,环保 Environment,客运 Coaches';

const words = (list: string) =>
  list.split(',').map((word) => [word.slice(0, 2), word.slice(3)] as const);
const brandWords = words(brands);
const tradeWords = words(trades);

/** The tree city → district → street or industry → enterprise, parents first; `perBranch` invented companies in each. */
export function createUnions(perBranch: number): Union[] {
  const unions: Union[] = [];
  const add = (parent: Union | null, kind: Union['kind'], level: number, names: Names) => {
    const id = unions.length + 1;
    const districtId = level === 2 ? id : (parent?.districtId ?? null);
    const path = [...(parent?.path ?? []), id];
    const parentId = parent?.id ?? null;
    const union = { id, parentId, kind, level, path, districtId, districtCode: null, ...names };
    unions.push(union);
    return union;
  };
  const city = add(null, 'city', 1, {
    nameZh: '北京市总工会',
    nameEn: 'Beijing Federation of Trade Unions',
  });
  for (const { code, nameZh, nameEn } of districts) {
    const names = { nameZh: `${nameZh}总工会`, nameEn: `${nameEn} District Union` };
    add(city, 'district', 2, { ...names, districtCode: code });
  }
  const byCode = new Map(unions.map((union) => [union.districtCode, union]));
  const middle = branches
    .trim()
    .split('\n')
    .map((line) => {
      const [code = '', kind, nameZh = '', nameEn = ''] = line.split(' | ');
      const industry = kind === 'industry' ? 'industry' : 'street';
      return add(byCode.get(code) ?? city, industry, 3, { nameZh, nameEn });
    });
  for (let i = 0; i < perBranch; i += 1) {
    for (const [j, branch] of middle.entries()) {
      add(branch, 'enterprise', 4, company(i * middle.length + j));
    }
  }
  return unions;
}

type Names = { nameZh: string; nameEn: string; districtCode?: string };

/** Brand and trade run through all their pairs before a name gets a number. */
function company(serial: number): Names {
  const round = Math.floor(serial / brandWords.length);
  const brand = brandWords[serial % brandWords.length] ?? ['', ''];
  const trade = tradeWords[(serial * 5 + round) % tradeWords.length] ?? ['', ''];
  const again = Math.floor(round / tradeWords.length);
  const [zh, en] = again > 0 ? [`第${again + 1}分公司`, ` Branch ${again + 1}`] : ['', ''];
  return {
    nameZh: `北京${brand[0]}${trade[0]}有限公司${zh}工会`,
    nameEn: `Beijing ${brand[1]} ${trade[1]}${en} Union`,
  };
}
