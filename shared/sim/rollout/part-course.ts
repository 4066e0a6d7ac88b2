import type { SimulationProgress } from '../../contracts/simulation.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import { PartRun } from './part-run.ts';
import type { RolloutPart } from './rollout-parts.ts';

/** When a part ends. */
export interface PartEnd {
  /** At the latest. */
  readonly deadlineMs: number;
  /** How long it goes on once everybody is ready. */
  readonly settleMs: number;
}

/** One part from its beginning until everybody in it is ready. */
export class PartCourse {
  readonly #run: PartRun;
  readonly #agents: number;
  readonly #settleMs: number;
  readonly #deadlineMs: number;
  #endMs: number;
  #isEnding = false;

  constructor(part: RolloutPart, { deadlineMs, settleMs }: PartEnd) {
    this.#run = new PartRun(part);
    this.#agents = part.agents;
    this.#deadlineMs = deadlineMs;
    this.#settleMs = settleMs;
    this.#endMs = deadlineMs;
  }

  get isDone(): boolean {
    return this.#run.hasReached(this.#endMs);
  }

  get progress(): SimulationProgress {
    const { nowMs, ready, steps } = this.#run;
    return { virtualSeconds: nowMs / 1000, ready, agents: this.#agents, events: steps };
  }

  /** Goes on for at most so many events. */
  runFor(events: number): void {
    const lastStep = this.#run.steps + events;
    while (!this.isDone && this.#run.steps < lastStep) {
      this.#run.run(this.#endMs, lastStep - this.#run.steps, () => !this.#isEnding && this.#run.isEverybodyReady);
      if (this.#isEnding || !this.#run.isEverybodyReady) continue;
      this.#isEnding = true;
      this.#endMs = Math.min(this.#deadlineMs, this.#run.nowMs + this.#settleMs);
    }
  }

  /** It ends with it. */
  outcome(): PartOutcome {
    return this.#run.outcome();
  }
}
