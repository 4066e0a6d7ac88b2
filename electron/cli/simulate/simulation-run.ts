import { setImmediate } from 'node:timers/promises';
import type { SimulationProgress, SimulationRequest, SimulationResult } from '../../../shared/contracts/simulation.ts';
import { agentsAtOnce, RolloutRun } from '../../../shared/sim/rollout/rollout-run.ts';
import type { RolloutSummary } from '../../../shared/sim/rollout/rollout-summary.ts';
import { runInThreads } from '../../sim-worker/part-threads.ts';
import type { ThreadPlan } from '../../sim-worker/thread-plan.ts';
import { ownMeans, threadPlanOf } from '../../sim-worker/thread-plan.ts';
import { simWorkerFile } from '../built-parts.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { memoryProblem, ownMemoryLimits } from './memory-need.ts';
import { durationText } from './simulation-text.ts';

/** Between two looks at Ctrl-C. One event may be a broadcast to a whole subnet: these take some tenths of a second at most. */
const eventsPerSlice = 500;

/** Throws where this process has not the memory for it. */
export async function refuseTooLarge(request: SimulationRequest): Promise<void> {
  const problem = memoryProblem(agentsAtOnce(request), await ownMemoryLimits());
  if (problem !== null) throw new CommandFailure(exitCodes.failed, problem);
}

/** Shows how far it is, and throws where the user interrupts it. @param wantedThreads null = as this computer can */
export async function runSimulation(
  request: SimulationRequest,
  wantedThreads: number | null,
  label: string,
  context: CommandContext,
): Promise<SimulationResult> {
  const startedMs = performance.now();
  const show = ({ ready, agents, virtualSeconds }: SimulationProgress): void =>
    context.progress.show(ready / agents, `${label}${ready} of ${agents} ready after ${durationText(virtualSeconds)}`);
  const plan = threadPlanOf(request, wantedThreads, ownMeans());
  const summary =
    plan.threads === 1 ? await runHere(request, show, context) : await runBeside(request, plan, show, context);
  const { agents, ready, virtualSeconds, ...rest } = summary;
  return {
    agents,
    ready,
    virtualSeconds,
    wallSeconds: Math.round(performance.now() - startedMs) / 1000,
    peakRssMib: Math.ceil(process.resourceUsage().maxRSS / 1024),
    ...rest,
  };
}

type ShowProgress = (progress: SimulationProgress) => void;

async function runHere(
  request: SimulationRequest,
  show: ShowProgress,
  { interrupt }: CommandContext,
): Promise<RolloutSummary> {
  const rollout = new RolloutRun(request);
  while (!rollout.isDone) {
    show(rollout.runFor(eventsPerSlice));
    await setImmediate();
    if (interrupt.aborted) throw new CommandFailure(exitCodes.interrupted, 'Interrupted.');
  }
  return rollout.result();
}

async function runBeside(
  request: SimulationRequest,
  plan: ThreadPlan,
  show: ShowProgress,
  { interrupt }: CommandContext,
): Promise<RolloutSummary> {
  try {
    return await runInThreads({ request, ...plan, workerFile: simWorkerFile(), onProgress: show, interrupt });
  } catch (error) {
    if (interrupt.aborted) throw new CommandFailure(exitCodes.interrupted, 'Interrupted.');
    if (!isOutOfMemory(error)) throw error;
    throw new CommandFailure(
      exitCodes.failed,
      'A part of the organisation needs more memory than its thread may have: --threads 1.',
    );
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
