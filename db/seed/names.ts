import type { Random } from './random.ts';

const surnames = [
  ...'赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜谢邹柏苏潘葛范彭鲁韦马方任袁柳',
];
const first = [...'安若知嘉予思云清禾言书亦景沐晴初明文子一青远宁朗承以星映南北'];
const second = [...'禾宁川舟然和远溪月林晨遥乔白言恒松岚屿柠澄桐帆石野望之行青霖'];

/** An invented name: a common surname and two syllables put together by chance. */
export function inventName(random: Random): string {
  return random.pick(surnames) + random.pick(first) + random.pick(second);
}
