import type { ClockPort } from '../base/clock.ts';
import type { AgentLife } from './agent-life.ts';
import type { EventHandle } from './event-queue.ts';

const minutesPerWeek = 7 * 24 * 60;

/** An agent's view of virtual time. */
export class SimulatedClock implements ClockPort {
  readonly #life: AgentLife;
  readonly #timers = new Map<number, EventHandle>();

  constructor(life: AgentLife) {
    this.#life = life;
    life.onEnd(() => {
      for (const handle of this.#timers.values()) life.world.time.cancel(handle);
      this.#timers.clear();
    });
  }

  nowMs(): number {
    return this.#life.world.time.nowMs;
  }

  wallTimeMs(): number {
    return this.#life.world.time.wallTimeMs;
  }

  localMinuteOfWeek(): number {
    return Math.floor(this.#life.world.time.nowMs / 60_000) % minutesPerWeek;
  }

  setTimer(timerId: number, delayMs: number): void {
    this.cancelTimer(timerId);
    const handle = this.#life.world.time.after(delayMs * 1000, () => {
      this.#timers.delete(timerId);
      this.#life.deliver({ kind: 'timer', timerId });
    });
    this.#timers.set(timerId, handle);
  }

  cancelTimer(timerId: number): void {
    const handle = this.#timers.get(timerId);
    if (handle === undefined) return;
    this.#timers.delete(timerId);
    this.#life.world.time.cancel(handle);
  }
}
