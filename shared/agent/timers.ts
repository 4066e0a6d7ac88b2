import type { ClockPort } from '../base/clock.ts';

export type TimerId = number;

/** A timer that comes later than this … */
const lateMs = 250;
/** … says for so long that this computer is behind: what has arrived may not have been read yet. */
const laggingMs = 1000;

/** Gives each timer of the clock port a number and the action that its event stands for. */
export class Timers {
  readonly #clock: ClockPort;
  readonly #actions = new Map<TimerId, { readonly action: () => void; readonly dueAtMs: number }>();
  #nextId = 1;
  #wasLateAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  after(delayMs: number, action: () => void): TimerId {
    const timerId = this.#nextId++;
    this.#actions.set(timerId, { action, dueAtMs: this.#clock.nowMs() + Math.max(0, delayMs) });
    this.#clock.setTimer(timerId, Math.max(0, delayMs));
    return timerId;
  }

  cancel(timerId: TimerId | null): void {
    if (timerId !== null && this.#actions.delete(timerId)) this.#clock.cancelTimer(timerId);
  }

  /** A timer that was cancelled after its event had been queued is not an error: it does nothing. */
  fire(timerId: TimerId): void {
    const timer = this.#actions.get(timerId);
    if (timer === undefined) return;
    this.#actions.delete(timerId);
    const nowMs = this.#clock.nowMs();
    if (nowMs - timer.dueAtMs > lateMs) this.#wasLateAtMs = nowMs;
    timer.action();
  }

  /** The computer has been behind its own timers lately: silence of others may be its own. */
  get isLagging(): boolean {
    return this.#clock.nowMs() - this.#wasLateAtMs < laggingMs;
  }
}

/**
 * One wake-up that stands at the moment asked for last. A timer that is set already is not moved to a later moment: it looks
 * when it fires, because most wake-ups are put off many times before they come.
 */
export class WakeUp {
  readonly #clock: ClockPort;
  readonly #timers: Timers;
  readonly #action: () => void;
  #timerId: TimerId | null = null;
  /** When the timer fires, at or before `#atMs`. */
  #timerAtMs = Number.POSITIVE_INFINITY;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(clock: ClockPort, timers: Timers, action: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#action = action;
  }

  /** `atMs` of the monotonic clock; Infinity = not at all. */
  setAt(atMs: number): void {
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) {
      this.#timers.cancel(this.#timerId);
      this.#timerId = null;
      this.#timerAtMs = Number.POSITIVE_INFINITY;
    } else if (atMs < this.#timerAtMs) this.#startTimer();
  }

  /** Moves the wake-up forward to `atMs` where it stands later. */
  noLaterThan(atMs: number): void {
    if (atMs < this.#atMs) this.setAt(atMs);
  }

  #startTimer(): void {
    this.#timers.cancel(this.#timerId);
    this.#timerAtMs = this.#atMs;
    this.#timerId = this.#timers.after(Math.ceil(this.#atMs - this.#clock.nowMs()), () => this.#fired());
  }

  #fired(): void {
    this.#timerId = null;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#clock.nowMs() < this.#atMs) {
      this.#startTimer();
      return;
    }
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#action();
  }
}
