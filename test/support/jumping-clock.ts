import { performance } from 'node:perf_hooks';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import { minutesPerWeek, utcMinuteOfWeek } from '../../shared/base/week-time.ts';

interface Timer {
  readonly dueMs: number;
  handle: NodeJS.Timeout;
}

/**
 * The clock of an agent over real sockets: time passes as it does, and jumps when a test says so. What waits for a timer
 * then happens at once, in the order in which it was due.
 */
export class JumpingClock {
  readonly #push: (input: AgentInput) => void;
  readonly #timers = new Map<number, Timer>();
  readonly #zoneMinutes: number;
  #wallOffsetMs: number;
  #jumpedMs = 0;

  /** @param wallTime now, in UTC @param zoneMinutes of the local time, east of Greenwich */
  constructor(push: (input: AgentInput) => void, wallTime: string, zoneMinutes = 0) {
    this.#push = push;
    this.#zoneMinutes = zoneMinutes;
    this.#wallOffsetMs = Date.parse(wallTime) - performance.now();
  }

  nowMs(): number {
    return performance.now() + this.#jumpedMs;
  }

  wallTimeMs(): number {
    return Math.floor(this.nowMs() + this.#wallOffsetMs);
  }

  localMinuteOfWeek(): number {
    return (utcMinuteOfWeek(this.wallTimeMs()) + this.#zoneMinutes + minutesPerWeek) % minutesPerWeek;
  }

  setTimer(timerId: number, delayMs: number): void {
    this.cancelTimer(timerId);
    this.#arm(timerId, this.nowMs() + delayMs);
  }

  cancelTimer(timerId: number): void {
    clearTimeout(this.#timers.get(timerId)?.handle);
    this.#timers.delete(timerId);
  }

  jump(milliseconds: number): void {
    this.#jumpedMs += milliseconds;
    const waiting = [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs);
    for (const [timerId, { dueMs }] of waiting) {
      this.cancelTimer(timerId);
      this.#arm(timerId, dueMs);
    }
  }

  close(): void {
    for (const timerId of [...this.#timers.keys()]) this.cancelTimer(timerId);
  }

  #arm(timerId: number, dueMs: number): void {
    const fire = (): void => {
      this.#timers.delete(timerId);
      this.#push({ kind: 'timer', timerId });
    };
    this.#timers.set(timerId, { dueMs, handle: setTimeout(fire, Math.max(0, dueMs - this.nowMs())) });
  }
}
