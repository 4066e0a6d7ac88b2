import { availableParallelism } from 'node:os';
import type { SimulationRequest } from '../../shared/contracts/simulation.ts';
import { planOf } from '../../shared/sim/rollout/rollout-plan.ts';
import { areInTurn } from '../../shared/sim/rollout/rollout-run.ts';

/** Measured among 200 in a subnet: 100 KiB are in use, and some more wait to be collected. */
export const bytesPerAgent = 120 * 1024;
const bytesPerMebibyte = 1_048_576;
/** The heap of a thread before its first agent, and room for the result. */
const threadHeapMib = 256;
/** A heap that is nearly full is searched all the time. */
const heapReserve = 1.5;
/** What is quickly done is not worth another thread, which needs a second to get as fast as one that runs. */
const agentsWorthAThread = 1000;

export interface ThreadPlan {
  /** Parts that are simulated at the same time. 1 = in the thread that asks. */
  readonly threads: number;
  /** Of each of several threads. */
  readonly heapMib: number;
}

/** What this computer has for a simulation. */
export interface ThreadMeans {
  readonly processors: number;
  readonly availableMib: number;
}

export function ownMeans(): ThreadMeans {
  return { processors: availableParallelism(), availableMib: process.availableMemory() / bytesPerMebibyte };
}

/** @param wanted null = as many as the computer has processors and memory for, and the work is worth */
export function threadPlanOf(request: SimulationRequest, wanted: number | null, means: ThreadMeans): ThreadPlan {
  const { parts, agents } = planOf(request);
  const largest = parts.reduce((most, part) => Math.max(most, part.agents), 0);
  const heapMib = threadHeapMib + Math.ceil((largest * bytesPerAgent * heapReserve) / bytesPerMebibyte);
  if (!areInTurn(request)) return { threads: 1, heapMib };
  const worthIt = Math.floor(agents / agentsWorthAThread);
  const affordable = Math.floor(means.availableMib / heapMib);
  const threads = wanted ?? Math.min(means.processors, affordable, worthIt);
  return { threads: Math.max(1, Math.min(threads, parts.length)), heapMib };
}
