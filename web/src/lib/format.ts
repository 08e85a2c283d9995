import { getLocale } from '#lib/paraglide/runtime.js';

export { grouped } from './grouped.ts';

// The product's clock is Beijing's, whatever the phone is set to.
const timeZone = 'Asia/Shanghai';

const shapes = {
  time: { hour: '2-digit', minute: '2-digit', hour12: false },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  day: { month: 'short', day: 'numeric' },
  date: { year: 'numeric', month: 'short', day: 'numeric' },
  weekday: { weekday: 'short', month: 'short', day: 'numeric' },
  moment: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false },
  entry: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const made = new Map<string, Intl.DateTimeFormat>();

/**
 * An instant in Beijing time: `time` 14:03, `clock` 14:03:27, `day`, `date`, `weekday`, `moment`; `entry` is a moment
 * that is still read in another year.
 */
export function when(instant: string | number | Date, shape: keyof typeof shapes): string {
  const key = `${getLocale()} ${shape}`;
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(getLocale(), { ...shapes[shape], timeZone });
    made.set(key, format);
  }
  return format.format(new Date(instant));
}

/** Money from integer fen; whole yuan are shown without decimals. */
export function yuan(fen: number): string {
  return new Intl.NumberFormat(getLocale(), {
    style: 'currency',
    currency: 'CNY',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: fen % 100 === 0 ? 0 : 2,
  }).format(fen / 100);
}

export function count(value: number): string {
  return new Intl.NumberFormat(getLocale()).format(value);
}

export function percent(part: number, whole: number): string {
  return new Intl.NumberFormat(getLocale(), { style: 'percent', maximumFractionDigits: 0 }).format(
    whole === 0 ? 0 : part / whole,
  );
}

/** Great-circle distance, said the way people say it: 350 m, 2.4 km. */
export function distance(metres: number): string {
  const near = metres < 1000;
  return new Intl.NumberFormat(getLocale(), {
    style: 'unit',
    unit: near ? 'meter' : 'kilometer',
    unitDisplay: 'short',
    maximumFractionDigits: metres < 10_000 && !near ? 1 : 0,
  }).format(near ? Math.round(metres / 10) * 10 : metres / 1000);
}

/** 138 **** 8000: enough to recognise, not enough to call. */
export function maskedPhone(phone: string): string {
  const digits = phone.replace(/^\+86/, '').replace(/\D/g, '');
  return `${digits.slice(0, 3)} **** ${digits.slice(-4)}`;
}
