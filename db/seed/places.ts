/** A neighbourhood with one outlet: its district's code, names, main road and a WGS-84 point (latitude, longitude). */
type Place = {
  key: string;
  district: string;
  nameZh: string;
  nameEn: string;
  roadZh: string;
  roadEn: string;
  latitude: number;
  longitude: number;
};

/** Real neighbourhoods of Beijing; the outlets in them are invented. */
const table = `
dongzhimen | 110101 | 东直门 | Dongzhimen | 东直门内大街 | Dongzhimen Inner St | 39.9395 | 116.425
wangfujing | 110101 | 王府井 | Wangfujing | 王府井大街 | Wangfujing St | 39.9145 | 116.4055
chongwenmen | 110101 | 崇文门 | Chongwenmen | 崇文门外大街 | Chongwenmen Outer St | 39.8955 | 116.4125
hepingli | 110101 | 和平里 | Hepingli | 和平里东街 | Hepingli East St | 39.9555 | 116.415
guangqumen | 110101 | 广渠门 | Guangqumen | 广渠门内大街 | Guangqumen Inner St | 39.8925 | 116.432
tiantan | 110101 | 天坛 | Tiantan | 天坛东路 | Tiantan East Rd | 39.884 | 116.4155
andingmen | 110101 | 安定门 | Andingmen | 安定门内大街 | Andingmen Inner St | 39.9445 | 116.4025
jiaodaokou | 110101 | 交道口 | Jiaodaokou | 交道口东大街 | Jiaodaokou East St | 39.9395 | 116.4085
dongsi | 110101 | 东四 | Dongsi | 东四北大街 | Dongsi North St | 39.9275 | 116.4115
yongdingmen | 110101 | 永定门 | Yongdingmen | 永定门外大街 | Yongdingmen Outer St | 39.866 | 116.3935
xidan | 110102 | 西单 | Xidan | 西单北大街 | Xidan North St | 39.9105 | 116.369
xinjiekou | 110102 | 新街口 | Xinjiekou | 新街口北大街 | Xinjiekou North St | 39.941 | 116.3655
guanganmen | 110102 | 广安门 | Guanganmen | 广安门内大街 | Guanganmen Inner St | 39.888 | 116.347
zhanlanlu | 110102 | 展览路 | Zhanlan Road | 展览馆路 | Zhanlanguan Rd | 39.93 | 116.341
deshengmen | 110102 | 德胜门 | Deshengmen | 德胜门内大街 | Deshengmen Inner St | 39.944 | 116.374
niujie | 110102 | 牛街 | Niujie | 牛街 | Niu St | 39.884 | 116.3575
taoranting | 110102 | 陶然亭 | Taoranting | 陶然亭路 | Taoranting Rd | 39.8765 | 116.371
caishikou | 110102 | 菜市口 | Caishikou | 菜市口大街 | Caishikou St | 39.8855 | 116.3685
jinrongjie | 110102 | 金融街 | Financial Street | 金融大街 | Financial St | 39.915 | 116.3545
yuetan | 110102 | 月坛 | Yuetan | 月坛南街 | Yuetan South St | 39.912 | 116.345
jiuxianqiao | 110105 | 酒仙桥 | Jiuxianqiao | 酒仙桥路 | Jiuxianqiao Rd | 39.969 | 116.485
wangjing | 110105 | 望京 | Wangjing | 望京街 | Wangjing St | 39.996 | 116.474
taiyanggong | 110105 | 太阳宫 | Taiyanggong | 太阳宫中路 | Taiyanggong Middle Rd | 39.973 | 116.441
qingnianlu | 110105 | 青年路 | Qingnian Road | 青年路 | Qingnian Rd | 39.925 | 116.511
sanlitun | 110105 | 三里屯 | Sanlitun | 三里屯路 | Sanlitun Rd | 39.935 | 116.449
shuangjing | 110105 | 双井 | Shuangjing | 广渠路 | Guangqu Rd | 39.893 | 116.459
guanzhuang | 110105 | 管庄 | Guanzhuang | 管庄路 | Guanzhuang Rd | 39.913 | 116.592
dongba | 110105 | 东坝 | Dongba | 东坝中路 | Dongba Middle Rd | 39.965 | 116.549
nanmofang | 110105 | 南磨房 | Nanmofang | 南磨房路 | Nanmofang Rd | 39.884 | 116.485
datun | 110105 | 大屯 | Datun | 大屯路 | Datun Rd | 40.001 | 116.413
laiguangying | 110105 | 来广营 | Laiguangying | 来广营西路 | Laiguangying West Rd | 40.023 | 116.457
liangmaqiao | 110105 | 亮马桥 | Liangmaqiao | 亮马桥路 | Liangmaqiao Rd | 39.949 | 116.463
yayuncun | 110105 | 亚运村 | Asian Games Village | 安立路 | Anli Rd | 39.99 | 116.402
panjiayuan | 110105 | 潘家园 | Panjiayuan | 潘家园路 | Panjiayuan Rd | 39.875 | 116.456
guomao | 110105 | 国贸 | Guomao | 建国门外大街 | Jianguomen Outer St | 39.908 | 116.454
changying | 110105 | 常营 | Changying | 朝阳北路 | Chaoyang North Rd | 39.925 | 116.594
dawanglu | 110105 | 大望路 | Dawang Road | 西大望路 | West Dawang Rd | 39.905 | 116.4715
beiyuan | 110105 | 北苑 | Beiyuan | 北苑路 | Beiyuan Rd | 40.034 | 116.422
fangzhuang | 110106 | 方庄 | Fangzhuang | 蒲方路 | Pufang Rd | 39.864 | 116.427
caoqiao | 110106 | 草桥 | Caoqiao | 马家堡西路 | Majiapu West Rd | 39.845 | 116.352
majiapu | 110106 | 马家堡 | Majiapu | 马家堡东路 | Majiapu East Rd | 39.842 | 116.375
liuliqiao | 110106 | 六里桥 | Liuliqiao | 莲宝路 | Lianbao Rd | 39.887 | 116.303
lugouqiao | 110106 | 卢沟桥 | Lugouqiao | 卢沟桥路 | Lugouqiao Rd | 39.855 | 116.226
qilizhuang | 110106 | 七里庄 | Qilizhuang | 丰台北路 | Fengtai North Rd | 39.866 | 116.29
dahongmen | 110106 | 大红门 | Dahongmen | 南苑路 | Nanyuan Rd | 39.843 | 116.396
kejiyuan | 110106 | 科技园 | Fengtai Tech Park | 航丰路 | Hangfeng Rd | 39.829 | 116.288
yungang | 110106 | 云岗 | Yungang | 云岗路 | Yungang Rd | 39.815 | 116.155
pingguoyuan | 110107 | 苹果园 | Pingguoyuan | 苹果园路 | Pingguoyuan Rd | 39.926 | 116.178
lugu | 110107 | 鲁谷 | Lugu | 鲁谷路 | Lugu Rd | 39.905 | 116.236
gucheng | 110107 | 古城 | Gucheng | 古城大街 | Gucheng St | 39.9085 | 116.188
moshikou | 110107 | 模式口 | Moshikou | 模式口大街 | Moshikou St | 39.937 | 116.159
bajiao | 110107 | 八角 | Bajiao | 八角西街 | Bajiao West St | 39.911 | 116.204
laoshan | 110107 | 老山 | Laoshan | 老山西街 | Laoshan West St | 39.911 | 116.219
zhongguancun | 110108 | 中关村 | Zhongguancun | 中关村大街 | Zhongguancun St | 39.982 | 116.31
wudaokou | 110108 | 五道口 | Wudaokou | 成府路 | Chengfu Rd | 39.992 | 116.332
shangdi | 110108 | 上地 | Shangdi | 信息路 | Xinxi Rd | 40.034 | 116.308
wukesong | 110108 | 五棵松 | Wukesong | 复兴路 | Fuxing Rd | 39.908 | 116.268
qinghe | 110108 | 清河 | Qinghe | 清河中街 | Qinghe Middle St | 40.031 | 116.335
mudanyuan | 110108 | 牡丹园 | Mudanyuan | 花园路 | Huayuan Rd | 39.977 | 116.363
xiangshan | 110108 | 香山 | Xiangshan | 香山路 | Xiangshan Rd | 39.995 | 116.205
sijiqing | 110108 | 四季青 | Sijiqing | 四季青路 | Sijiqing Rd | 39.957 | 116.272
xueyuanlu | 110108 | 学院路 | Xueyuan Road | 学院路 | Xueyuan Rd | 39.99 | 116.348
zhichunlu | 110108 | 知春路 | Zhichun Road | 知春路 | Zhichun Rd | 39.976 | 116.336
weigongcun | 110108 | 魏公村 | Weigongcun | 魏公村路 | Weigongcun Rd | 39.957 | 116.316
gongzhufen | 110108 | 公主坟 | Gongzhufen | 翠微路 | Cuiwei Rd | 39.909 | 116.3
xierqi | 110108 | 西二旗 | Xierqi | 西二旗大街 | Xierqi St | 40.05 | 116.302
wenquan | 110108 | 温泉 | Wenquan | 温泉路 | Wenquan Rd | 40.047 | 116.22
dayu | 110109 | 大峪 | Dayu | 新桥大街 | Xinqiao St | 39.937 | 116.1
yongding | 110109 | 永定 | Yongding | 石门营路 | Shimenying Rd | 39.907 | 116.1
tanzhesi | 110109 | 潭柘寺 | Tanzhesi | 潭柘寺镇中路 | Tanzhesi Middle Rd | 39.893 | 116.045
junzhuang | 110109 | 军庄 | Junzhuang | 军庄路 | Junzhuang Rd | 39.993 | 116.083
liangxiang | 110111 | 良乡 | Liangxiang | 拱辰大街 | Gongchen St | 39.733 | 116.138
changyang | 110111 | 长阳 | Changyang | 长政南街 | Changzheng South St | 39.762 | 116.205
doudian | 110111 | 窦店 | Doudian | 京周路 | Jingzhou Rd | 39.65 | 116.06
shidu | 110111 | 十渡 | Shidu | 涞宝路 | Laibao Rd | 39.636 | 115.6
yanshan | 110111 | 燕山 | Yanshan | 燕房路 | Yanfang Rd | 39.727 | 115.957
chengguan | 110111 | 房山城关 | Fangshan Chengguan | 南大街 | South St | 39.702 | 115.99
liyuan | 110112 | 梨园 | Liyuan | 云景东路 | Yunjing East Rd | 39.882 | 116.665
xinhua | 110112 | 新华 | Xinhua | 新华西街 | Xinhua West St | 39.906 | 116.652
songzhuang | 110112 | 宋庄 | Songzhuang | 小堡南街 | Xiaopu South St | 39.944 | 116.718
yunhe | 110112 | 运河 | Yunhe | 新华东街 | Xinhua East St | 39.908 | 116.682
jiukeshu | 110112 | 九棵树 | Jiukeshu | 九棵树中路 | Jiukeshu Middle Rd | 39.889 | 116.658
lucheng | 110112 | 潞城 | Lucheng | 胡郎路 | Hulang Rd | 39.902 | 116.735
majuqiao | 110112 | 马驹桥 | Majuqiao | 兴华大街 | Xinghua St | 39.762 | 116.556
zhangjiawan | 110112 | 张家湾 | Zhangjiawan | 张采路 | Zhangcai Rd | 39.845 | 116.7
shengli | 110113 | 胜利 | Shengli | 府前东街 | Fuqian East St | 40.131 | 116.657
houshayu | 110113 | 后沙峪 | Houshayu | 安富街 | Anfu St | 40.106 | 116.537
renhe | 110113 | 仁和 | Renhe | 顺通路 | Shuntong Rd | 40.112 | 116.645
nanfaxin | 110113 | 南法信 | Nanfaxin | 顺平路 | Shunping Rd | 40.127 | 116.61
niulanshan | 110113 | 牛栏山 | Niulanshan | 牛山大街 | Niushan St | 40.214 | 116.66
yangzhen | 110113 | 杨镇 | Yangzhen | 杨镇大街 | Yangzhen St | 40.151 | 116.825
huilongguan | 110114 | 回龙观 | Huilongguan | 回龙观西大街 | Huilongguan West St | 40.076 | 116.326
chengbei | 110114 | 城北 | Chengbei | 鼓楼东街 | Gulou East St | 40.221 | 116.236
tiantongyuan | 110114 | 天通苑 | Tiantongyuan | 立汤路 | Litang Rd | 40.068 | 116.413
xiaotangshan | 110114 | 小汤山 | Xiaotangshan | 小汤山大街 | Xiaotangshan St | 40.178 | 116.39
beiqijia | 110114 | 北七家 | Beiqijia | 七北路 | Qibei Rd | 40.108 | 116.415
shahe | 110114 | 沙河 | Shahe | 巩华大街 | Gonghua St | 40.142 | 116.278
huoying | 110114 | 霍营 | Huoying | 黄平路 | Huangping Rd | 40.072 | 116.36
nanshao | 110114 | 南邵 | Nanshao | 南丰路 | Nanfeng Rd | 40.208 | 116.283
huangcun | 110115 | 黄村 | Huangcun | 兴丰大街 | Xingfeng St | 39.73 | 116.336
yizhuang | 110115 | 亦庄 | Yizhuang | 荣华中路 | Ronghua Middle Rd | 39.795 | 116.5
jiugong | 110115 | 旧宫 | Jiugong | 旧宫路 | Jiugong Rd | 39.804 | 116.452
pangezhuang | 110115 | 庞各庄 | Pangezhuang | 瓜乡路 | Guaxiang Rd | 39.634 | 116.325
qingyundian | 110115 | 青云店 | Qingyundian | 青云路 | Qingyun Rd | 39.695 | 116.495
gaomidian | 110115 | 高米店 | Gaomidian | 金星西路 | Jinxing West Rd | 39.763 | 116.332
xihongmen | 110115 | 西红门 | Xihongmen | 宏福路 | Hongfu Rd | 39.785 | 116.334
longshan | 110116 | 龙山 | Longshan | 青春路 | Qingchun Rd | 40.319 | 116.635
yanqi | 110116 | 雁栖 | Yanqi | 雁栖大街 | Yanqi St | 40.365 | 116.675
qiaozi | 110116 | 桥梓 | Qiaozi | 桥梓路 | Qiaozi Rd | 40.292 | 116.57
bohai | 110116 | 渤海 | Bohai | 渤海路 | Bohai Rd | 40.405 | 116.5
binhe | 110117 | 滨河 | Binhe | 府前西街 | Fuqian West St | 40.141 | 117.112
yukou | 110117 | 峪口 | Yukou | 峪阳路 | Yuyang Rd | 40.192 | 117.005
jinhaihu | 110117 | 金海湖 | Jinhaihu | 金海湖大街 | Jinhaihu St | 40.175 | 117.29
xiwengzhuang | 110118 | 溪翁庄 | Xiwengzhuang | 云翁路 | Yunweng Rd | 40.46 | 116.85
gubeikou | 110118 | 古北口 | Gubeikou | 古御道路 | Guyudao Rd | 40.685 | 117.16
gulou | 110118 | 鼓楼 | Gulou | 鼓楼东大街 | Gulou East St | 40.376 | 116.845
guoyuan | 110118 | 果园 | Guoyuan | 果园西路 | Guoyuan West Rd | 40.367 | 116.828
guishui | 110119 | 妫水 | Guishui | 妫水北街 | Guishui North St | 40.46 | 115.975
badaling | 110119 | 八达岭 | Badaling | 八达岭大街 | Badaling St | 40.34 | 115.99
zhangshanying | 110119 | 张山营 | Zhangshanying | 延张路 | Yanzhang Rd | 40.48 | 115.86
`;

export const places: Place[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [key = '', district = '', nameZh = '', nameEn = '', roadZh = '', roadEn = '', ...point] =
      line.split(' | ');
    const [latitude = NaN, longitude = NaN] = point.map(Number);
    return { key, district, nameZh, nameEn, roadZh, roadEn, latitude, longitude };
  });
