export type Language = 'zh-CN' | 'en';

/** The words of the files, in both languages. */
export const words = {
  'zh-CN': {
    unknown: '不详',
    age: '年龄',
    union: '工会',
    search: '搜索无结果',
    counter: '柜台未成',
    catalogue: '目录中不可用',
    together: (groups: number) => `${groups} 个小组合并`,
    bands: {
      to_29: '30 岁以下',
      to_39: '30–39 岁',
      to_49: '40–49 岁',
      to_59: '50–59 岁',
      from_60: '60 岁及以上',
      unknown: '年龄不详',
    },
    kinds: {
      cinema: '电影',
      car_wash: '洗车',
      park: '公园',
      family: '亲子',
      bookshop: '书店',
      gym: '健身',
    },
    heads: {
      flows: ['从', '至', '会籍区', '使用区', '次数', '份数'],
      'take-up': ['月份', '分组', '组', '会员（约）', '使用者（约）'],
      unused: ['编号', '福利', '工会', '开始', '配额', '已用'],
      unusual: [
        ...['从', '至', '商户', '门店', '使用区', '次数'],
        ...['一分钟内最多', '同一会员反复', '相距过远', '临近打烊'],
      ],
      unmet: ['从', '至', '何处', '搜索或福利', '类别', '区', '原因', '次数'],
    },
  },
  en: {
    unknown: 'Not known',
    age: 'Age',
    union: 'Union',
    search: 'Searched, nothing found',
    counter: 'Refused at the counter',
    catalogue: 'Not usable in the catalogue',
    together: (groups: number) => `${groups} small ones together`,
    bands: {
      to_29: 'Under 30',
      to_39: '30–39',
      to_49: '40–49',
      to_59: '50–59',
      from_60: '60 and over',
      unknown: 'Age not known',
    },
    kinds: {
      cinema: 'Cinema',
      car_wash: 'Car wash',
      park: 'Parks',
      family: 'Family',
      bookshop: 'Books',
      gym: 'Gym',
    },
    heads: {
      flows: ['From', 'To', 'Home district', 'Host district', 'Uses', 'Units'],
      'take-up': ['Month', 'By', 'Group', 'Members (about)', 'Users (about)'],
      unused: ['Id', 'Benefit', 'Union', 'Starts', 'Places', 'Used'],
      unusual: [
        ...['From', 'To', 'Partner', 'Outlet', 'Host district', 'Uses'],
        ...['Most in a minute', 'Same members again', 'Too far apart', 'Near closing time'],
      ],
      unmet: ['From', 'To', 'Where', 'Search or benefit', 'Kind', 'District', 'Reason', 'Times'],
    },
  },
};
