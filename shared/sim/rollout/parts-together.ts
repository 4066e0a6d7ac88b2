import type { SimulationProgress } from '../../contracts/simulation.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import type { PartEnd } from './part-course.ts';
import { PartRun } from './part-run.ts';
import type { RolloutCourse } from './rollout-course.ts';
import type { RolloutPart } from './rollout-parts.ts';

/** Parts are never further apart. Shorter than any settling, so that no part is past the end when that becomes known. */
const windowMs = 10_000;
const perThousand = 1000;

/** All parts side by side: who wants to end when so many of all are ready has to know all of them at that moment. */
export class PartsTogether implements RolloutCourse {
  readonly #runs: readonly PartRun[];
  readonly #agents: number;
  readonly #wantedPerThousand: number;
  readonly #deadlineMs: number;
  readonly #settleMs: number;
  /** Null: not enough are ready yet. */
  #endMs: number | null = null;
  #horizonMs = windowMs;
  #turn = 0;
  #isDone = false;

  /** @param end once enough are ready, all go on for that long, and at least for `windowMs` */
  constructor(parts: readonly RolloutPart[], wantedPerThousand: number, end: PartEnd) {
    this.#runs = parts.map((part) => new PartRun(part));
    this.#agents = parts.reduce((sum, { agents }) => sum + agents, 0);
    this.#wantedPerThousand = wantedPerThousand;
    this.#deadlineMs = end.deadlineMs;
    this.#settleMs = Math.max(windowMs, end.settleMs);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get progress(): SimulationProgress {
    return {
      virtualSeconds: this.#runs.reduce((most, { nowMs }) => Math.max(most, nowMs), 0) / 1000,
      ready: this.#runs.reduce((sum, { ready }) => sum + ready, 0),
      agents: this.#agents,
      events: this.#runs.reduce((sum, { steps }) => sum + steps, 0),
    };
  }

  runFor(events: number): void {
    let left = events;
    while (!this.#isDone && left > 0) {
      const run = this.#runs[this.#turn];
      if (run === undefined) return;
      const before = run.steps;
      this.#goOn(run, left);
      left -= run.steps - before;
    }
  }

  outcomes(): readonly PartOutcome[] {
    return this.#runs.map((run) => run.outcome());
  }

  #goOn(run: PartRun, events: number): void {
    const areEnoughReady = this.#endMs === null ? this.#enoughWith(run) : () => false;
    const untilMs = Math.min(this.#horizonMs, this.#endMs ?? this.#deadlineMs);
    run.run(untilMs, events, areEnoughReady);
    if (areEnoughReady()) this.#endMs = Math.min(this.#deadlineMs, run.nowMs + this.#settleMs);
    if (run.hasReached(untilMs)) this.#nextTurn(untilMs);
  }

  #nextTurn(reachedMs: number): void {
    this.#turn++;
    if (this.#turn < this.#runs.length) return;
    this.#turn = 0;
    this.#isDone = reachedMs >= (this.#endMs ?? this.#deadlineMs);
    this.#horizonMs += windowMs;
  }

  /** Whether enough are ready while this one goes on and the others stand still. Asked after every event. */
  #enoughWith(run: PartRun): () => boolean {
    const others = this.#runs.filter((other) => other !== run);
    const readyElsewhere = others.reduce((sum, { ready }) => sum + ready, 0);
    const isNobodyMissingElsewhere = others.every(({ isEverybodyReady }) => isEverybodyReady);
    const wanted = (this.#agents * this.#wantedPerThousand) / perThousand;
    return () => readyElsewhere + run.ready >= wanted || (isNobodyMissingElsewhere && run.isEverybodyReady);
  }
}
