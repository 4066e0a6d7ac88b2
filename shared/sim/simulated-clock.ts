import type { ClockPort } from '../base/clock.ts';
import { minutesPerWeek } from '../base/week-time.ts';
import type { AgentLife } from './agent-life.ts';
import type { EventHandle } from './event-queue.ts';

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
    const { world, computer } = this.#life;
    // One week more, for places west of Greenwich.
    return (Math.floor(world.time.nowMs / 60_000) + computer.subnet.utcOffsetMinutes + minutesPerWeek) % minutesPerWeek;
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
