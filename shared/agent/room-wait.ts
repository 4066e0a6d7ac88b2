import type { AgentContext } from './agent-context.ts';
import type { TimerId } from './timers.ts';

const lookAgainMs = 10_000;

export interface RoomWaitOwner {
  makeRoom(done: (problem: string | null) => void): void;
  /** Still none, in a sentence. */
  stillFull(problem: string): void;
  found(): void;
}

/** A package for which the disk has no room: looks again every few seconds, and at once when something was deleted. */
export class RoomWait {
  readonly #context: AgentContext;
  readonly #owner: RoomWaitOwner;
  #isWaiting = false;
  #timer: TimerId | null = null;
  /** Tells answers to looks from before a stop. */
  #stops = 0;

  constructor(context: AgentContext, owner: RoomWaitOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  begin(): void {
    this.#isWaiting = true;
    this.#lookLater();
  }

  stop(): void {
    this.#context.timers.cancel(this.#timer);
    this.#timer = null;
    this.#isWaiting = false;
    this.#stops++;
  }

  /** There may be room now. */
  lookNow(): void {
    if (!this.#isWaiting) return;
    this.#context.timers.cancel(this.#timer);
    this.#look();
  }

  #lookLater(): void {
    this.#timer = this.#context.timers.after(lookAgainMs, () => this.#look());
  }

  #look(): void {
    this.#timer = null;
    const stops = this.#stops;
    this.#owner.makeRoom((problem) => {
      // Of two looks at the same time the first answer counts.
      if (!this.#isWaiting || this.#stops !== stops || this.#timer !== null) return;
      if (problem !== null) {
        this.#lookLater();
        this.#owner.stillFull(problem);
        return;
      }
      this.#isWaiting = false;
      this.#owner.found();
    });
  }
}
