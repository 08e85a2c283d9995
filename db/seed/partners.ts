import type { OpeningHours } from '../schema/partners.ts';
import { places } from './places.ts';
import type { Union } from './unions.ts';

export type Kind = 'cinema' | 'car_wash' | 'park' | 'family' | 'bookshop' | 'gym';
export type Partner = { id: number; unionId: number; kind: Kind; nameZh: string; nameEn: string };
export type Outlet = {
  id: number;
  key: string;
  partnerId: number;
  districtId: number;
  nameZh: string;
  nameEn: string;
  addressZh: string;
  addressEn: string;
  latitude: number;
  longitude: number;
  hours: OpeningHours;
};

/** Invented companies and the places of their outlets; the district of the first one contracted the company. */
const table = `
cinema | 槐序影城 | Huaixu Cinema | jiuxianqiao dongzhimen zhongguancun xidan liyuan huilongguan fangzhuang liangxiang
cinema | 晴渡影院 | Qingdu Cinema | wangjing taiyanggong
cinema | 朝雨影院 | Zhaoyu Cinema | qingnianlu
cinema | 东篱影城 | Dongli Cinema | wangfujing chongwenmen
cinema | 云廊影城 | Yunlang Cinema | wudaokou shangdi
cinema | 青檐影院 | Qingyan Cinema | xinjiekou guanganmen
cinema | 望湖影城 | Wanghu Cinema | caoqiao majiapu
cinema | 山前影院 | Shanqian Cinema | pingguoyuan dayu
cinema | 潞水影城 | Lushui Cinema | xinhua songzhuang
cinema | 燕南影城 | Yannan Cinema | huangcun yizhuang
cinema | 温榆影院 | Wenyu Cinema | shengli houshayu
cinema | 军都影院 | Jundu Cinema | chengbei
cinema | 雁西影院 | Yanxi Cinema | longshan
cinema | 妫川影院 | Guichuan Cinema | guishui
car_wash | 净途洗车 | Jingtu Car Wash | shuangjing zhanlanlu liuliqiao wukesong tiantongyuan jiugong
car_wash | 蓝沫洗车 | Lanmo Car Wash | guanzhuang dongba
car_wash | 晨露洗车 | Chenlu Car Wash | hepingli guangqumen
car_wash | 西麓洗车 | Xilu Car Wash | lugu gucheng
car_wash | 快岸洗车 | Kuaian Car Wash | qinghe mudanyuan
car_wash | 运河边洗车 | Canalside Car Wash | yunhe jiukeshu
car_wash | 亮辙洗车 | Liangzhe Car Wash | changyang doudian
car_wash | 顺榆洗车 | Shunyu Car Wash | renhe nanfaxin
car_wash | 渔阳洗车 | Yuyang Car Wash | binhe yukou
park | 潮白柳岸郊野园 | Chaobai Willow Bank Park | niulanshan
park | 永定花溪园 | Yongding Flower Brook Park | yongding lugouqiao
park | 香云山园 | Xiangyun Hill Garden | xiangshan moshikou
park | 青崖谷景区 | Qingya Valley | shidu
park | 芦汀湖畔园 | Luting Lakeside Park | yanqi
park | 松岭湖湾园 | Songling Bay Park | jinhaihu
park | 云翁山水园 | Yunweng Hills and Waters | xiwengzhuang gubeikou
park | 荷风乐园 | Hefeng Park | tiantan nanmofang
family | 禾谷亲子农场 | Hegu Family Farm | pangezhuang qingyundian
family | 小满田园 | Xiaoman Fields | xiaotangshan
family | 蒲草亲子馆 | Pucao Family House | datun laiguangying
family | 檐下时光摄影 | Yanxia Family Photography | sijiqing xueyuanlu
family | 木鱼石手作 | Muyushi Craft Rooms | andingmen jiaodaokou
family | 青蛙塘研学营 | Frog Pond Camp | qiaozi bohai
family | 松鼠林探索馆 | Squirrel Wood | beiqijia shahe
family | 妫水人家 | Guishui Homestead | badaling zhangshanying
family | 石榴小院 | Pomegranate Court | tanzhesi junzhuang
bookshop | 知柳书店 | Zhiliu Books | liangmaqiao yayuncun deshengmen zhichunlu qilizhuang lucheng
bookshop | 北窗书社 | Beichuang Books | dongsi
bookshop | 半檐书房 | Banyan Bookroom | niujie taoranting
bookshop | 灯下书屋 | Dengxia Books | weigongcun gongzhufen
bookshop | 云舟书坊 | Yunzhou Books | panjiayuan sanlitun
bookshop | 砚石书斋 | Yanshi Books | bajiao
bookshop | 晓月书屋 | Xiaoyue Books | dahongmen
bookshop | 团河书坊 | Tuanhe Books | gaomidian xihongmen
bookshop | 白檀书店 | Baitan Books | gulou
bookshop | 燕房书屋 | Yanfang Books | yanshan
gym | 跃泉健身 | Yuequan Fitness | guomao changying caishikou yongdingmen xierqi kejiyuan huoying
gym | 晨力健身 | Chenli Fitness | dawanglu beiyuan
gym | 赤松运动馆 | Chisong Sports Hall | jinrongjie yuetan
gym | 羽岚羽毛球馆 | Yulan Badminton Hall | wenquan
gym | 北岸游泳馆 | Beian Swimming Hall | laoshan
gym | 动迹健身 | Dongji Fitness | majuqiao zhangjiawan
gym | 良川运动馆 | Liangchuan Sports Hall | chengguan
gym | 溪谷运动馆 | Xigu Sports Hall | guoyuan
gym | 南郊运动馆 | Nanjiao Sports Hall | yungang
gym | 顺河运动馆 | Shunhe Sports Hall | yangzhen nanshao
`;

const opening: Record<Kind, [opens: number, closes: number]> = {
  cinema: [9 * 60, 24 * 60],
  car_wash: [8 * 60, 20 * 60],
  park: [6 * 60, 21 * 60],
  family: [9 * 60, 18 * 60],
  bookshop: [9 * 60 + 30, 21 * 60 + 30],
  gym: [6 * 60, 22 * 60 + 30],
};

export function createPartners(unions: Union[]): { partners: Partner[]; outlets: Outlet[] } {
  const partners: Partner[] = [];
  const outlets: Outlet[] = [];
  const districtIds = new Map(unions.map(({ districtCode, id }) => [districtCode, id]));
  const byKey = new Map(places.map((place) => [place.key, place]));
  for (const line of table.trim().split('\n')) {
    const [kind, nameZh = '', nameEn = '', list = ''] = line.split(' | ');
    if (!isKind(kind)) throw new Error(`No such kind: ${kind ?? ''}`);
    const keys = list.split(' ');
    const partner = { id: partners.length + 1, unionId: 0, kind, nameZh, nameEn };
    partners.push(partner);
    for (const key of keys) {
      const place = byKey.get(key);
      const districtId = districtIds.get(place?.district ?? '');
      if (!place || !districtId) throw new Error(`No such place: ${key}`);
      partner.unionId ||= districtId;
      const id = outlets.length + 1;
      const house = 2 + ((id * 37) % 180);
      const isOnly = keys.length === 1;
      outlets.push({
        id,
        key,
        partnerId: partner.id,
        districtId,
        nameZh: isOnly ? nameZh : `${nameZh}（${place.nameZh.replace(/店$/, '')}店）`,
        nameEn: isOnly ? nameEn : `${nameEn}, ${place.nameEn}`,
        addressZh: `${place.roadZh}${house}号`,
        addressEn: `${house} ${place.roadEn}`,
        latitude: place.latitude,
        longitude: place.longitude,
        hours: hoursOf(kind),
      });
    }
  }
  return { partners, outlets };
}

function isKind(text: string | undefined): text is Kind {
  return text !== undefined && Object.hasOwn(opening, text);
}

/** Family places rest on Mondays. */
function hoursOf(kind: Kind): OpeningHours {
  const [opens, closes] = opening[kind];
  return Array.from({ length: 7 }, (_, day) =>
    kind === 'family' && day === 0 ? null : { opens, closes },
  );
}
