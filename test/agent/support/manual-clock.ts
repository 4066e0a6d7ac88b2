import type { ClockPort } from '../../../shared/base/clock.ts';

/** Stands still; remembers which timers are set, and for when. */
export class ManualClock implements ClockPort {
  now = 0;
  readonly set = new Map<number, number>();
  nowMs = () => this.now;
  wallTimeMs = () => 1_000_000 + this.now;
  localMinuteOfWeek = () => 0;
  setTimer = (timerId: number, delayMs: number) => void this.set.set(timerId, this.now + delayMs);
  cancelTimer = (timerId: number) => void this.set.delete(timerId);
}
