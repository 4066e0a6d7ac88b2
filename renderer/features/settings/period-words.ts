import type { Weekday } from '../../../shared/base/week-time.ts';
import { dayNames, weekdays } from '../../../shared/base/week-time.ts';
import type { BlockoutPeriod, ThrottlingPeriod } from '../../../shared/contracts/week-periods.ts';

export const blockoutKindWords: Readonly<Record<BlockoutPeriod['kind'], string>> = {
  downloads: 'no downloads',
  total: 'no communication',
};

const rate = new Intl.NumberFormat('en-US');

/** All periods in one line: `Mon–Fri 08:00–18:00 500 KB/s; Sat, Sun all day 2,000 KB/s`. */
export function periodsWords(periods: readonly (ThrottlingPeriod | BlockoutPeriod)[]): string {
  return periods.map(periodWords).join('; ');
}

function periodWords(period: ThrottlingPeriod | BlockoutPeriod): string {
  const effect = 'kind' in period ? blockoutKindWords[period.kind] : `${rate.format(period.kilobytesPerSecond)} KB/s`;
  return `${weekSpanWords(period)} ${effect}`;
}

/** `Mon–Fri 08:00–18:00`. */
export function weekSpanWords({ days, from, to }: Pick<BlockoutPeriod, 'days' | 'from' | 'to'>): string {
  return `${daysWords(days)} ${spanWords(from, to)}`;
}

/** Three days in a row or more are a range; the week ends on Sunday. */
function daysWords(days: readonly Weekday[]): string {
  if (weekdays.every((day) => days.includes(day))) return 'Every day';
  const runs: Weekday[][] = [];
  let isRunning = false;
  for (const day of weekdays) {
    const isChosen = days.includes(day);
    if (isChosen && isRunning) runs.at(-1)?.push(day);
    else if (isChosen) runs.push([day]);
    isRunning = isChosen;
  }
  return runs
    .map((run) => run.map((day) => dayNames[day].slice(0, 3)))
    .map((names) => (names.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(', ')))
    .join(', ');
}

/** The end is on the next day where it does not come after the start. */
function spanWords(from: string, to: string): string {
  if (from === to) return from === '00:00' ? 'all day' : `from ${from} for 24 hours`;
  // Midnight reads as the end of the day, not as the next one.
  return from < to || to === '00:00' ? `${from}–${to}` : `${from}–${to} (next day)`;
}
