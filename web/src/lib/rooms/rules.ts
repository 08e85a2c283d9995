import { minutesInWords, weekdaysInWords } from '#lib/benefits/hours.ts';
import { durationInWords } from '#lib/claims/rules.ts';
import { count } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { RoomWeek } from './types.ts';

/** When a room is open and for whom, as its member's page and its desk have it. */
type RoomRules = Pick<
  RoomWeek,
  | 'weekdays'
  | 'opensMinute'
  | 'closesMinute'
  | 'minutesMin'
  | 'minutesMax'
  | 'minutesAWeek'
  | 'peopleMax'
  | 'daysAhead'
  | 'needsApproval'
  | 'cancelMinutes'
  | 'lateCancelWeight'
  | 'noShowWeight'
>;

/** What one has to know of a room before one asks. */
export function rulesOf(week: RoomRules): string {
  return m.rooms_rules_all({
    rules: m.rooms_rules({
      hours: `${weekdaysInWords(week.weekdays)} ${minutesInWords(week)}`,
      min: durationInWords(week.minutesMin),
      max: durationInWords(week.minutesMax),
      people: count(week.peopleMax),
      week: durationInWords(week.minutesAWeek),
      days: count(week.daysAhead),
    }),
    answer: week.needsApproval ? m.rooms_rules_approval() : m.rooms_rules_at_once(),
    cancelling:
      week.cancelMinutes === 0 || week.lateCancelWeight === 0
        ? m.rooms_rules_cancel_any()
        : m.rooms_rules_cancel({ time: durationInWords(week.cancelMinutes) }),
    coming: week.noShowWeight > 0 ? m.rooms_rules_come() : '',
  });
}
