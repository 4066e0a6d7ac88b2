import type { PartOutcome } from './part-outcome.ts';
import { PartRun } from './part-run.ts';
import type { RolloutCourse } from './rollout-course.ts';
import type { RolloutPart } from './rollout-parts.ts';

interface CurrentPart {
  readonly run: PartRun;
  /** Null: somebody is not ready yet. */
  endMs: number | null;
}

/**
 * One part after the other, each until everybody in it is ready. Only one of them is in memory at a time, so that a large
 * organisation needs no more of it than its largest part, and less of it has to be fetched past the processor's caches.
 */
export class PartsInTurn implements RolloutCourse {
  readonly #parts: readonly RolloutPart[];
  readonly #deadlineMs: number;
  readonly #settleMs: number;
  readonly #outcomes: PartOutcome[] = [];
  #current: CurrentPart | null = null;
  #ready = 0;
  #events = 0;
  #virtualMs = 0;

  /** @param settleMs how long each goes on once everybody is ready */
  constructor(parts: readonly RolloutPart[], deadlineMs: number, settleMs: number) {
    this.#parts = parts;
    this.#deadlineMs = deadlineMs;
    this.#settleMs = settleMs;
  }

  get isDone(): boolean {
    return this.#outcomes.length === this.#parts.length;
  }

  get ready(): number {
    return this.#ready + (this.#current?.run.ready ?? 0);
  }

  get events(): number {
    return this.#events + (this.#current?.run.steps ?? 0);
  }

  get virtualMs(): number {
    return Math.max(this.#virtualMs, this.#current?.run.nowMs ?? 0);
  }

  run(events: number): void {
    const lastEvent = this.events + events;
    while (!this.isDone && this.events < lastEvent) {
      this.#current ??= this.#begin();
      if (this.#current === null) return;
      this.#goOn(this.#current, lastEvent - this.events);
    }
  }

  outcomes(): readonly PartOutcome[] {
    if (this.#current !== null) this.#end(this.#current.run);
    return this.#outcomes;
  }

  #begin(): CurrentPart | null {
    const part = this.#parts[this.#outcomes.length];
    return part === undefined ? null : { run: new PartRun(part), endMs: null };
  }

  #goOn(current: CurrentPart, events: number): void {
    const { run } = current;
    const untilMs = current.endMs ?? this.#deadlineMs;
    run.run(untilMs, events, () => current.endMs === null && run.isEverybodyReady);
    if (current.endMs === null && run.isEverybodyReady) {
      current.endMs = Math.min(this.#deadlineMs, run.nowMs + this.#settleMs);
    }
    if (run.hasReached(current.endMs ?? this.#deadlineMs)) this.#end(run);
  }

  #end(run: PartRun): void {
    this.#ready += run.ready;
    this.#events += run.steps;
    this.#virtualMs = Math.max(this.#virtualMs, run.nowMs);
    this.#outcomes.push(run.outcome());
    this.#current = null;
  }
}
