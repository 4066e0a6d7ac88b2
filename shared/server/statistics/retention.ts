import type { StatisticsCutoffs } from '../../contracts/statistics.ts';
import { startOfMonthMs } from './calendar.ts';
import { dayMs, hourMs, oldestMinuteMs, startOf } from './traffic-cells.ts';

export const hoursKeptMs = 365 * dayMs;
/** So that the last four weeks of an agent are there by day. */
export const agentDaysKeptMs = 35 * dayMs;

/** Before which time what is kept of each kind is over. */
export function statisticsCutoffs(nowMs: number): StatisticsCutoffs {
  const yearAgoMs = startOf(nowMs - hoursKeptMs, dayMs);
  return {
    minutesMs: oldestMinuteMs(nowMs),
    hoursMs: startOf(nowMs - hoursKeptMs, hourMs),
    daysMs: yearAgoMs,
    agentDaysMs: startOf(nowMs - agentDaysKeptMs, dayMs),
    monthsMs: startOfMonthMs(yearAgoMs),
    claimsMs: yearAgoMs,
  };
}
