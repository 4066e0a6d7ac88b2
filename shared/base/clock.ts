/**
 * Time as the core sees it. Real adapters read the monotonic clock of the machine, the simulator its virtual one.
 * Timers become events that carry the timer's number: the core never hands over a callback.
 */
export interface ClockPort {
  /** Monotonic milliseconds since an arbitrary start. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970, for the journal and for DATE; may jump. */
  wallTimeMs(): number;
  /** 0 = Monday 00:00 … 10,079 = Sunday 23:59, in the local time of the computer. */
  localMinuteOfWeek(): number;
  /** Fires exactly one `timer` event with this id after `delayMs`, unless cancelled before. */
  setTimer(timerId: number, delayMs: number): void;
  cancelTimer(timerId: number): void;
}
