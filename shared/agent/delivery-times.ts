import type { ClockPort } from '../base/clock.ts';
import { localTimeMs, localWallTimeMs } from '../base/local-time.ts';
import { isCovered, minuteSpansOf, weekdays } from '../base/week-time.ts';
import type { DeliveryPlan } from '../contracts/deliveries.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';
import type { DeliveryHold } from './download-admission.ts';

const minuteMs = 60_000;
/** A computer that was off at the time of day still installs, if it comes within this. */
const dailyMinutes = 60;

/** The clocks that deliveries follow, read at one moment. */
export interface DeliveryNow {
  /** Of the server's clock. */
  readonly wallTimeMs: number;
  readonly localMinuteOfWeek: number;
}

export function deliveryNow(clock: ClockPort): DeliveryNow {
  return { wallTimeMs: clock.wallTimeMs(), localMinuteOfWeek: clock.localMinuteOfWeek() };
}

/** What the delivery says against downloading now. An emergency does not wait for windows. */
export function downloadHold(
  terms: Pick<DeliveryPlan, 'isPaused' | 'availableFromMs' | 'downloadWindows' | 'deadlineMs'>,
  priority: DeliveryPriority,
  now: DeliveryNow,
): DeliveryHold | null {
  const { isPaused, availableFromMs, downloadWindows, deadlineMs } = terms;
  if (isPaused) return 'delivery-paused';
  if (availableFromMs !== null && now.wallTimeMs < availableFromMs) return 'not-yet-available';
  const isFree = downloadWindows.length === 0 || priority === 'emergency' || isPast(deadlineMs, now);
  return isFree || isCovered(downloadWindows.flatMap(minuteSpansOf), now.localMinuteOfWeek) ? null : 'outside-window';
}

export type InstallVerdict = 'due' | 'waits' | 'paused';

/** Whether an installation may begin. `readySinceWallMs`: since when the package has been here in this life. */
export function installVerdict(
  plan: DeliveryPlan,
  priority: DeliveryPriority,
  now: DeliveryNow,
  readySinceWallMs: number,
): InstallVerdict {
  const { availableFromMs, deadlineMs, installation } = plan;
  if (installation === null || plan.isPaused) return 'paused';
  if (availableFromMs !== null && now.wallTimeMs < availableFromMs) return 'waits';
  if (priority === 'emergency' || isPast(deadlineMs, now)) return 'due';
  const { schedule } = installation;
  switch (schedule.kind) {
    case 'by-policy':
    case 'as-soon-as-possible':
      return 'due';
    case 'at': {
      const localMs = localWallTimeMs(now.wallTimeMs, now.localMinuteOfWeek);
      return localMs >= localTimeMs(schedule.localTime) ? 'due' : 'waits';
    }
    case 'in-windows':
      return isCovered(schedule.windows.flatMap(minuteSpansOf), now.localMinuteOfWeek) ? 'due' : 'waits';
    case 'daily': {
      const [first] = minuteSpansOf({ days: weekdays.slice(0, 1), from: schedule.timeOfDay, to: schedule.timeOfDay });
      const minutesPerDay = first?.lengthMinutes ?? 0;
      const sinceMinutes = (now.localMinuteOfWeek - (first?.firstMinute ?? 0) + 7 * minutesPerDay) % minutesPerDay;
      const beganWallMs = now.wallTimeMs - (now.wallTimeMs % minuteMs) - sinceMinutes * minuteMs;
      return sinceMinutes < dailyMinutes && readySinceWallMs <= beganWallMs ? 'due' : 'waits';
    }
  }
}

export function isPast(deadlineMs: number | null, { wallTimeMs }: Pick<DeliveryNow, 'wallTimeMs'>): boolean {
  return deadlineMs !== null && wallTimeMs >= deadlineMs;
}

/** When to look again at a clock that only says minutes: at the next one, or at the moments if they come sooner. */
export function nextLookMs(clock: ClockPort, wallMoments: readonly (number | null)[]): number {
  const wallTimeMs = clock.wallTimeMs();
  let waitMs = minuteMs - (wallTimeMs % minuteMs);
  for (const moment of wallMoments) {
    if (moment !== null && moment > wallTimeMs) waitMs = Math.min(waitMs, moment - wallTimeMs);
  }
  return clock.nowMs() + waitMs;
}
