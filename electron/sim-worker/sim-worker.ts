/**
 * A thread that simulates. Started with an order, it runs that, says how far it is and what came of it, and ends; started as
 * one of several for the parts of an organisation, it goes on until it is ended.
 */
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { partThreadStartSchema } from '../../shared/contracts/simulation-parts.ts';
import type { FromSimWorker, SimulationJobProgress, SimulationWork } from '../../shared/contracts/simulations-api.ts';
import { serveParts } from './part-thread.ts';
import { runRounds } from './simulation-rounds.ts';
import { ownMeans } from './thread-plan.ts';
import { runWhole } from './whole-simulations.ts';

const bytesPerMebibyte = 1_048_576;

if (parentPort === null) throw new Error('The simulation worker is started by the server, as a thread.');
const port = parentPort;

function tell(message: FromSimWorker): void {
  port.postMessage(message);
}

async function runOrder({ requests, maximumWallSeconds }: SimulationWork): Promise<void> {
  const ports = {
    nowMs: () => performance.now(),
    rssMib: () => process.memoryUsage.rss() / bytesPerMebibyte,
    onProgress: (progress: SimulationJobProgress) => tell({ kind: 'progress', progress }),
  };
  const { processors, availableMib } = ownMeans();
  // One processor is left to the server, and half of the memory to everybody else.
  const means = { processors: processors - 1, availableMib: availableMib / 2 };
  try {
    const results =
      maximumWallSeconds === null
        ? await runWhole(requests, { ...ports, means, workerFile: fileURLToPath(import.meta.url) })
        : runRounds(requests, maximumWallSeconds, ports);
    tell({ kind: 'done', results: [...results] });
  } catch (error) {
    tell({ kind: 'failed', message: failureWords(error) });
  }
}

function failureWords(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'A part of the organisation needs more memory than a simulation may have. Simulate fewer agents, or a sample of them.';
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `The simulator made an error, and nothing can be said: ${reason}`;
}

const partThread = partThreadStartSchema.safeParse(workerData);
if (partThread.success) serveParts(port, partThread.data.request);
else await runOrder(workerData as SimulationWork);
