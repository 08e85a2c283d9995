export type Burn = { day: string; fen: number };

export type Forecast = {
  /** What an average day of the last four weeks cost. */
  dailyFen: number;
  /** The first day whose cost what is left would not cover; null where it lasts to the end of the year. */
  endsOn: string | null;
};

const dayMs = 86_400_000;
const weeks = 4;

/**
 * Goes on as the last four weeks did: each coming day costs what its weekday cost on average in the 28 days before
 * `today`. No trend and no season is read into them; a budget that lasts so to the end of its year has no end.
 */
export function forecast(
  burn: readonly Burn[],
  leftFen: number,
  today: string,
  year: number,
): Forecast {
  const byWeekday = Array.from({ length: 7 }, () => 0);
  const start = Date.parse(today);
  for (const { day, fen } of burn) {
    const at = Date.parse(day);
    if (at >= start || at < start - weeks * 7 * dayMs) continue;
    const weekday = new Date(at).getUTCDay();
    byWeekday[weekday] = (byWeekday[weekday] ?? 0) + fen / weeks;
  }
  const dailyFen = Math.round(byWeekday.reduce((sum, fen) => sum + fen, 0) / 7);
  let rest = leftFen;
  for (let at = start; new Date(at).getUTCFullYear() <= year; at += dayMs) {
    const cost = byWeekday[new Date(at).getUTCDay()] ?? 0;
    if (cost > 0 && rest < cost)
      return { dailyFen, endsOn: new Date(at).toISOString().slice(0, 10) };
    rest -= Math.max(cost, 0);
  }
  return { dailyFen, endsOn: null };
}
