import { Agent } from '../../agent/agent.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import { Simulation } from '../simulation.ts';
import { outcomeOf } from './part-outcome.ts';
import type { RolloutPart } from './rollout-parts.ts';
import { ToldBytes } from './told-bytes.ts';

/** One part of an organisation in virtual time. */
export class PartRun {
  readonly #part: RolloutPart;
  readonly #simulation: Simulation;
  readonly #told = new ToldBytes();

  constructor(part: RolloutPart) {
    this.#part = part;
    this.#simulation = new Simulation({
      seed: part.seed,
      plan: part.plan,
      faults: part.faults,
      makeAgent: (ports, identity) => new Agent(ports, identity),
    });
    this.#simulation.server.onCommitted = (_computer, event) => this.#told.take(event);
  }

  get nowMs(): number {
    return this.#simulation.world.time.nowMs;
  }

  /** Events so far. */
  get steps(): number {
    return this.#simulation.world.time.steps;
  }

  get ready(): number {
    return this.#simulation.readyAtMs.size;
  }

  get isEverybodyReady(): boolean {
    return this.#simulation.isEverybodyReady;
  }

  /** Goes on for at most so many events, and no further than `untilMs`; ends after the event with which `isEnough` comes true. */
  run(untilMs: number, events: number, isEnough: () => boolean): void {
    const { time } = this.#simulation.world;
    const lastStep = time.steps + events;
    time.runUntil(untilMs * 1000, () => time.steps >= lastStep || isEnough());
  }

  /** Nothing is left to happen up to that moment. */
  hasReached(untilMs: number): boolean {
    const { time } = this.#simulation.world;
    return time.nowMs >= untilMs && time.nextTimeUs > untilMs * 1000;
  }

  /** The run ends with it. */
  outcome(): PartOutcome {
    return outcomeOf(this.#part, this.#simulation, this.#told);
  }
}
