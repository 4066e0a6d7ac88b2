import type { EventHandle } from './event-queue.ts';
import { EventQueue } from './event-queue.ts';

/** Monday, 5 January 2026, 00:00 UTC: the wall clock at virtual time 0, the start of a week. */
const wallStartMs = 1_767_571_200_000;

/** The only clock of a simulation. It moves from event to event; nothing ever waits for real. */
export class VirtualTime {
  readonly #queue = new EventQueue();
  #nowUs = 0;
  #steps = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  get wallTimeMs(): number {
    return wallStartMs + Math.floor(this.#nowUs / 1000);
  }

  /** How many events have run. */
  get steps(): number {
    return this.#steps;
  }

  get nextTimeUs(): number {
    return this.#queue.nextTimeUs;
  }

  /** Delays are rounded up to whole microseconds. */
  after(delayUs: number, run: () => void): EventHandle {
    return this.#queue.schedule(this.#nowUs + Math.max(0, Math.ceil(delayUs)), run);
  }

  /** A time in the past means now. */
  at(timeUs: number, run: () => void): EventHandle {
    return this.#queue.schedule(Math.max(this.#nowUs, Math.ceil(timeUs)), run);
  }

  cancel(handle: EventHandle | null): void {
    if (handle !== null) this.#queue.cancel(handle);
  }

  /** Runs the next event; false where none waits. */
  step(): boolean {
    const event = this.#queue.pop();
    if (event === null) return false;
    this.#nowUs = event.timeUs;
    this.#steps++;
    event.run();
    return true;
  }

  /** Runs what is due up to `untilUs`, then stands there, unless `isDone` says so before. */
  runUntil(untilUs: number, isDone: () => boolean = () => false): void {
    while (this.#queue.nextTimeUs <= untilUs) {
      this.step();
      if (isDone()) return;
    }
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }
}
