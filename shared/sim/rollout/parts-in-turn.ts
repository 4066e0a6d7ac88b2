import type { SimulationProgress } from '../../contracts/simulation.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import type { PartEnd } from './part-course.ts';
import { PartCourse } from './part-course.ts';
import type { RolloutCourse } from './rollout-course.ts';
import type { RolloutPart } from './rollout-parts.ts';

/**
 * One part after the other, each until everybody in it is ready. Only one of them is in memory at a time, so that a large
 * organisation needs no more of it than its largest part, and less of it has to be fetched past the processor's caches.
 */
export class PartsInTurn implements RolloutCourse {
  readonly #parts: readonly RolloutPart[];
  readonly #end: PartEnd;
  readonly #outcomes: PartOutcome[] = [];
  #current: PartCourse | null = null;
  #past: SimulationProgress;

  constructor(parts: readonly RolloutPart[], end: PartEnd) {
    this.#parts = parts;
    this.#end = end;
    const agents = parts.reduce((sum, part) => sum + part.agents, 0);
    this.#past = { virtualSeconds: 0, ready: 0, agents, events: 0 };
  }

  get isDone(): boolean {
    return this.#outcomes.length === this.#parts.length;
  }

  get progress(): SimulationProgress {
    return this.#current === null ? this.#past : together(this.#past, this.#current.progress);
  }

  runFor(events: number): void {
    const lastEvent = this.progress.events + events;
    for (let left = events; left > 0; left = lastEvent - this.progress.events) {
      const part = this.#parts[this.#outcomes.length];
      if (part === undefined) return;
      this.#current ??= new PartCourse(part, this.#end);
      this.#current.runFor(left);
      if (this.#current.isDone) this.#forget(this.#current);
    }
  }

  outcomes(): readonly PartOutcome[] {
    if (this.#current !== null) this.#forget(this.#current);
    return this.#outcomes;
  }

  #forget(course: PartCourse): void {
    this.#past = together(this.#past, course.progress);
    this.#outcomes.push(course.outcome());
    this.#current = null;
  }
}

function together(past: SimulationProgress, { virtualSeconds, ready, events }: SimulationProgress): SimulationProgress {
  return {
    virtualSeconds: Math.max(past.virtualSeconds, virtualSeconds),
    ready: past.ready + ready,
    agents: past.agents,
    events: past.events + events,
  };
}
