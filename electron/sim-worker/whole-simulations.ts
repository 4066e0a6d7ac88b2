import type { SimulationProgress, SimulationRequest, SimulationResult } from '../../shared/contracts/simulation.ts';
import { runInThreads } from './part-threads.ts';
import type { RoundsPorts } from './simulation-rounds.ts';
import { runOne } from './simulation-rounds.ts';
import type { ThreadMeans } from './thread-plan.ts';
import { threadPlanOf } from './thread-plan.ts';

export interface WholePorts extends RoundsPorts {
  readonly means: ThreadMeans;
  /** sim-worker, bundled or as source. */
  readonly workerFile: string;
}

const progressEveryMs = 250;

/** One result for each request, however long that takes. Each is simulated in as many threads as its parts and the computer allow. */
export async function runWhole(
  requests: readonly SimulationRequest[],
  ports: WholePorts,
): Promise<readonly SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (const [variant, request] of requests.entries()) {
    const { threads, heapMib } = threadPlanOf(request, null, ports.means);
    const place = { variant, round: 1 };
    results.push(
      threads === 1 ? runOne(request, place, ports) : await runBeside({ request, threads, heapMib }, variant, ports),
    );
  }
  return results;
}

async function runBeside(
  run: { readonly request: SimulationRequest; readonly threads: number; readonly heapMib: number },
  variant: number,
  ports: WholePorts,
): Promise<SimulationResult> {
  const begunMs = ports.nowMs();
  let peakRssMib = ports.rssMib();
  let toldAtMs = begunMs;
  const onProgress = (progress: SimulationProgress): void => {
    if (ports.nowMs() - toldAtMs < progressEveryMs) return;
    toldAtMs = ports.nowMs();
    peakRssMib = Math.max(peakRssMib, ports.rssMib());
    ports.onProgress({ ...progress, variant, round: 1 });
  };
  // Whoever wants an end of it ends this thread, and the others with it.
  const interrupt = new AbortController().signal;
  const summary = await runInThreads({ ...run, workerFile: ports.workerFile, onProgress, interrupt });
  const wallSeconds = (ports.nowMs() - begunMs) / 1000;
  return { ...summary, wallSeconds, peakRssMib: Math.max(peakRssMib, ports.rssMib()) };
}
