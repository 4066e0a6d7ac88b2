import { defaultAgentSettings } from '../../contracts/settings.ts';
import type { SimulationProgress, SimulationRequest } from '../../contracts/simulation.ts';
import type { PartEnd } from './part-course.ts';
import { PartsInTurn } from './parts-in-turn.ts';
import { PartsTogether } from './parts-together.ts';
import type { RolloutCourse } from './rollout-course.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { planOf } from './rollout-plan.ts';
import type { RolloutSummary } from './rollout-summary.ts';
import { summaryOf } from './rollout-summary.ts';

/** Beyond the event interval: until the last word of the last agent has arrived. */
const lastWordsMs = 15_000;
const hourMs = 3_600_000;
const everybody = 1000;

/** One rollout in virtual time, run in slices so that whoever runs it can show how far it is, and stop. */
export class RolloutRun {
  readonly #request: SimulationRequest;
  readonly #rollout: RolloutPlan;
  readonly #course: RolloutCourse;
  #summary: RolloutSummary | null = null;

  /** @param request as its schema has checked it */
  constructor(request: SimulationRequest) {
    this.#request = request;
    this.#rollout = planOf(request);
    const { parts } = this.#rollout;
    const end = partEndOf(request);
    this.#course = areInTurn(request)
      ? new PartsInTurn(parts, end)
      : new PartsTogether(parts, request.untilPerThousand ?? everybody, end);
  }

  get isDone(): boolean {
    return this.#course.isDone;
  }

  get progress(): SimulationProgress {
    return this.#course.progress;
  }

  /** Goes on for at most so many events, or until it is done. */
  runFor(events: number): SimulationProgress {
    this.#course.runFor(events);
    return this.progress;
  }

  /** What came of it; of a run that is not done, what came of it so far. The run ends with it. */
  result(): RolloutSummary {
    this.#summary ??= summaryOf(this.#rollout, this.#course.outcomes(), this.#request.seed);
    return this.#summary;
  }
}

/** When a part of it ends where parts do not wait for each other. */
export function partEndOf({ maxVirtualHours, settings }: SimulationRequest): PartEnd {
  const { eventInterval } = settings ?? defaultAgentSettings;
  return { deadlineMs: maxVirtualHours * hourMs, settleMs: eventInterval * 1000 + lastWordsMs };
}

/** Its parts need not know of each other: the run is over when everybody in each of them is ready. */
export function areInTurn({ untilPerThousand = everybody }: SimulationRequest): boolean {
  return untilPerThousand === everybody;
}

/** How many agents of it are in memory at the same time, at most. */
export function agentsAtOnce(request: SimulationRequest): number {
  const { parts, agents } = planOf(request);
  return areInTurn(request) ? parts.reduce((most, part) => Math.max(most, part.agents), 0) : agents;
}
