/** Where a district's tile stands: four columns, each tile beside its neighbours on the map as far as squares allow. */
const places: Readonly<Record<string, string>> = {
  '110119': 'col-start-2 row-start-1', // Yanqing
  '110116': 'col-start-3 row-start-1', // Huairou
  '110118': 'col-start-4 row-start-1', // Miyun
  '110114': 'col-start-2 row-start-2', // Changping
  '110113': 'col-start-3 row-start-2', // Shunyi
  '110117': 'col-start-4 row-start-2', // Pinggu
  '110109': 'col-start-1 row-start-3', // Mentougou
  '110108': 'col-start-2 row-start-3', // Haidian
  '110105': 'col-start-3 row-start-3', // Chaoyang
  '110112': 'col-start-4 row-start-3', // Tongzhou
  '110107': 'col-start-1 row-start-4', // Shijingshan
  '110102': 'col-start-2 row-start-4', // Xicheng
  '110101': 'col-start-3 row-start-4', // Dongcheng
  '110111': 'col-start-1 row-start-5', // Fangshan
  '110106': 'col-start-2 row-start-5', // Fengtai
  '110115': 'col-start-3 row-start-5', // Daxing
};

const shades = [
  'bg-base-200',
  'bg-accent/10',
  'bg-accent/25',
  'bg-accent/40',
  'bg-accent text-accent-content',
] as const;

/** A district that is not on the plan takes the next free place. */
export const placeOf = (code: string): string => places[code] ?? '';

/** The more, the darker: in four equal steps up to the most, and blank for nothing. */
export function shadeOf(value: number, most: number): string {
  if (value === 0) return shades[0];
  return shades[Math.ceil((value / most) * (shades.length - 1))] ?? shades[0];
}
