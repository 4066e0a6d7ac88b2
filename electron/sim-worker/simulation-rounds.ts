import type { SimulationRequest, SimulationResult } from '../../shared/contracts/simulation.ts';
import { maximumSimulatedAgents } from '../../shared/contracts/simulation.ts';
import type { SimulationJobProgress } from '../../shared/contracts/simulations-api.ts';
import { RolloutRun } from '../../shared/sim/rollout/rollout-run.ts';

export interface RoundsPorts {
  readonly nowMs: () => number;
  readonly rssMib: () => number;
  readonly onProgress: (progress: SimulationJobProgress) => void;
}

/** Some milliseconds of work: between two slices the clock is looked at. */
const eventsPerSlice = 500;
const progressEveryMs = 250;
/** Of the first sample where time is limited. It is always finished, so that there is a result. */
const firstSampleAgents = 40;
/** What a small sample says of the cost of a large one reaches no further. */
const largestGrowth = 8;
/** A larger sample that is hardly larger says nothing new. */
const smallestGrowth = 1.5;
/** Of the time that is left, what the next sample may need by the cost of the one before; costs grow a little faster. */
const plannedShare = 0.5;

/**
 * One result for each request, in limited time: all requests are run with a small sample of the sites first, then with
 * larger ones for as long as there is time; a sample that is not done in time counts for nothing.
 */
export function runRounds(
  requests: readonly SimulationRequest[],
  maximumWallSeconds: number,
  ports: RoundsPorts,
): readonly SimulationResult[] {
  const endMs = ports.nowMs() + maximumWallSeconds * 1000;
  const largest = requests[0]?.agentBound ?? maximumSimulatedAgents;
  let agentBound = Math.min(firstSampleAgents, largest);
  let best: readonly SimulationResult[] = [];
  for (let round = 1; ; round++) {
    const begunMs = ports.nowMs();
    const results = runInTime(requests, agentBound, round, best.length === 0 ? Number.POSITIVE_INFINITY : endMs, ports);
    if (results === null) return best;
    best = results;
    const nowMs = ports.nowMs();
    const next = nextBound(results, { tookMs: nowMs - begunMs, leftMs: endMs - nowMs, largest });
    if (next === null || agentBound >= largest) return best;
    agentBound = next;
  }
}

/** How many agents the next sample may have; null where another one is not worth its time. */
export function nextBound(
  results: readonly SimulationResult[],
  time: { readonly tookMs: number; readonly leftMs: number; readonly largest: number },
): number | null {
  const [first] = results;
  if (first === undefined || first.sampledFrom === null) return null;
  const affordable = (time.leftMs * plannedShare) / (Math.max(1, time.tookMs) / first.agents);
  const next = Math.floor(Math.min(affordable, first.agents * largestGrowth, time.largest));
  return next >= first.agents * smallestGrowth ? next : null;
}

/** Null where the time was over before all were done. */
function runInTime(
  requests: readonly SimulationRequest[],
  agentBound: number,
  round: number,
  endMs: number,
  ports: RoundsPorts,
): readonly SimulationResult[] | null {
  const results: SimulationResult[] = [];
  for (const [variant, request] of requests.entries()) {
    const result = runUntil({ ...request, agentBound }, { variant, round }, endMs, ports);
    if (result === null) return null;
    results.push(result);
  }
  return results;
}

type Place = Pick<SimulationJobProgress, 'variant' | 'round'>;

/** However long it takes. */
export function runOne(request: SimulationRequest, place: Place, ports: RoundsPorts): SimulationResult {
  const result = runUntil(request, place, Number.POSITIVE_INFINITY, ports);
  if (result === null) throw new Error('a simulation without a deadline missed it');
  return result;
}

function runUntil(
  request: SimulationRequest,
  place: Place,
  endMs: number,
  ports: RoundsPorts,
): SimulationResult | null {
  const begunMs = ports.nowMs();
  const run = new RolloutRun(request);
  let peakRssMib = ports.rssMib();
  ports.onProgress({ ...run.progress, ...place });
  let toldAtMs = ports.nowMs();
  while (!run.isDone) {
    const progress = run.runFor(eventsPerSlice);
    const nowMs = ports.nowMs();
    if (nowMs > endMs) return null;
    if (nowMs - toldAtMs < progressEveryMs) continue;
    toldAtMs = nowMs;
    peakRssMib = Math.max(peakRssMib, ports.rssMib());
    ports.onProgress({ ...progress, ...place });
  }
  const wallSeconds = (ports.nowMs() - begunMs) / 1000;
  return { ...run.result(), wallSeconds, peakRssMib: Math.max(peakRssMib, ports.rssMib()) };
}
