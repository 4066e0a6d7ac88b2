import { Agent } from '../../agent/agent.ts';
import { defaultAgentSettings } from '../../contracts/settings.ts';
import type { SimulationProgress, SimulationRequest } from '../../contracts/simulation.ts';
import { Simulation } from '../simulation.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { planOf } from './rollout-plan.ts';
import type { RolloutSummary } from './rollout-summary.ts';
import { summaryOf } from './rollout-summary.ts';
import { ToldBytes } from './told-bytes.ts';

/** Beyond the event interval: until the last word of the last agent has arrived. */
const lastWordsMs = 15_000;
const hourMs = 3_600_000;
const perThousand = 1000;

/** One rollout in virtual time, run in slices so that whoever runs it can show how far it is, and stop. */
export class RolloutRun {
  readonly #request: SimulationRequest;
  readonly #rollout: RolloutPlan;
  readonly #simulation: Simulation;
  readonly #told: ToldBytes;
  /** Set once everybody is ready: what agents have not told yet comes until then. */
  #endMs: number | null = null;
  #summary: RolloutSummary | null = null;

  /** @param request as its schema has checked it */
  constructor(request: SimulationRequest) {
    this.#request = request;
    this.#rollout = planOf(request);
    this.#simulation = new Simulation({
      seed: request.seed,
      plan: this.#rollout.plan,
      faults: this.#rollout.faults,
      makeAgent: (ports, identity) => new Agent(ports, identity),
    });
    this.#told = new ToldBytes();
    this.#simulation.server.onCommitted = (_computer, event) => this.#told.take(event);
  }

  get isDone(): boolean {
    return this.#simulation.world.time.nowMs >= this.#untilMs;
  }

  get progress(): SimulationProgress {
    const { time, computers } = this.#simulation.world;
    return {
      virtualSeconds: time.nowMs / 1000,
      ready: this.#simulation.readyAtMs.size,
      agents: computers.length,
      events: time.steps,
    };
  }

  /** Goes on for at most so many events, or until it is done. */
  runFor(events: number): SimulationProgress {
    const { time } = this.#simulation.world;
    const lastStep = time.steps + events;
    while (!this.isDone && time.steps < lastStep) {
      const wasReady = this.#endMs !== null;
      time.runUntil(this.#untilMs * 1000, () => time.steps >= lastStep || (!wasReady && this.#areEnoughReady));
      if (!wasReady && this.#areEnoughReady) this.#endMs = time.nowMs + this.#settleMs;
    }
    return this.progress;
  }

  /** What came of it; of a run that is not done, what came of it so far. The run ends with it. */
  result(): RolloutSummary {
    this.#summary ??= summaryOf({
      rollout: this.#rollout,
      simulation: this.#simulation,
      told: this.#told,
      seed: this.#request.seed,
    });
    return this.#summary;
  }

  get #areEnoughReady(): boolean {
    const { isEverybodyReady, readyAtMs, world } = this.#simulation;
    const wanted = this.#request.untilPerThousand ?? perThousand;
    return (
      isEverybodyReady || (wanted < perThousand && readyAtMs.size * perThousand >= world.computers.length * wanted)
    );
  }

  get #untilMs(): number {
    const deadlineMs = this.#request.maxVirtualHours * hourMs;
    return Math.min(deadlineMs, this.#endMs ?? deadlineMs);
  }

  get #settleMs(): number {
    const { eventInterval } = this.#request.settings ?? defaultAgentSettings;
    return eventInterval * 1000 + lastWordsMs;
  }
}
