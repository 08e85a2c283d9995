import type { Counters } from './counters.ts';
import { thousands } from './drill/report.ts';
import type { Stage } from './stage.ts';

/** What the counters saw, a line each. */
export function summary({ book }: Stage, { unanswered }: Counters): string[] {
  const said = [...unanswered].map(([what, times]) => `${thousands(times)} × ${what}`);
  return [
    `${thousands(book.count)} redemptions answered, ${thousands(book.refused)} refused as sold out`,
    `sent again after: ${said.length > 0 ? said.join(', ') : 'nothing'}`,
  ];
}
