import { limitInWords } from '#lib/benefits/limits.ts';
import type { BenefitPage } from '#lib/benefits/types.ts';
import { when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { ClaimPage, Person } from './types.ts';
import { duration } from './words.ts';

// How much later the next opening is by what one claim leaves (opening_delay): 10 minutes, an hour, a day.
const delays = [0, 10, 60, 1440];
const delay = (weight: number): string => duration(delays[Math.min(weight, 3)] ?? 0);

/** All that one has to know before one commits, in one sentence. */
export function rulesOf(
  page: ClaimPage,
  benefit: Pick<BenefitPage, 'limit'>,
  person: Person | undefined,
): string {
  const opensAt = person?.opensAt ?? page.opensAt;
  const wave = page.waves[0];
  const closes = when(page.closesAt, 'moment');
  const parts = [
    opensAt === null
      ? m.own_rule_closes({ closes })
      : m.own_rule_window({ opens: when(opensAt, 'moment'), closes }),
    page.kind === 'draw' && m.own_rule_draw(),
    wave !== undefined && m.own_rule_entry({ seconds: wave.entrySeconds }),
    m.own_rule_limit({ limit: limitInWords(benefit.limit) }),
    page.needsApproval && m.own_rule_approval(),
    page.holdMinutes !== null && m.own_rule_hold({ time: duration(page.holdMinutes) }),
    !page.hasCodes && cancelling(page),
    noShow(page),
    page.hasWaitList && m.own_rule_wait({ time: duration(page.answerMinutes) }),
  ];
  return m.own_rules({
    rules: parts.filter((part) => typeof part === 'string').join(m.own_rules_between()),
  });
}

function cancelling({ sessions, cancelMinutes, lateCancelWeight }: ClaimPage): string {
  if (sessions.every(({ startsAt }) => startsAt === null) || lateCancelWeight === 0)
    return m.own_rule_cancel_free();
  const late = { delay: delay(lateCancelWeight) };
  return cancelMinutes === 0
    ? m.own_rule_cancel_free()
    : m.own_rule_cancel({ ...late, time: duration(cancelMinutes) });
}

function noShow({ noShowWeight }: ClaimPage): string | false {
  return noShowWeight > 0 && m.own_rule_no_show({ delay: delay(noShowWeight) });
}
