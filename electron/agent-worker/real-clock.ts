import { performance } from 'node:perf_hooks';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { ClockPort } from '../../shared/base/clock.ts';

/** setTimeout counts 32 bits; a timer beyond that (24 days) fires early and the core sets it again. */
const maxDelayMs = 2 ** 31 - 1;

/** Clock port over the machine's monotonic clock; timers become inputs. */
export class RealClock implements ClockPort {
  readonly #push: (input: AgentInput) => void;
  readonly #timers = new Map<number, NodeJS.Timeout>();

  constructor(push: (input: AgentInput) => void) {
    this.#push = push;
  }

  nowMs(): number {
    return performance.now();
  }

  wallTimeMs(): number {
    return Date.now();
  }

  localMinuteOfWeek(): number {
    const now = new Date();
    return ((now.getDay() + 6) % 7) * 1440 + now.getHours() * 60 + now.getMinutes();
  }

  setTimer(timerId: number, delayMs: number): void {
    this.cancelTimer(timerId);
    const delay = Math.min(maxDelayMs, Math.max(0, Math.ceil(delayMs)));
    this.#timers.set(
      timerId,
      setTimeout(() => {
        this.#timers.delete(timerId);
        this.#push({ kind: 'timer', timerId });
      }, delay),
    );
  }

  cancelTimer(timerId: number): void {
    clearTimeout(this.#timers.get(timerId));
    this.#timers.delete(timerId);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
