/** The thread of one simulation: runs what it was started with, says how far it is and what came of it, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromSimWorker, SimulationWork } from '../../shared/contracts/simulations-api.ts';
import { runRounds } from './simulation-rounds.ts';

if (parentPort === null) throw new Error('The simulation worker is started by the server, as a thread.');
const port = parentPort;

function tell(message: FromSimWorker): void {
  port.postMessage(message);
}

try {
  const results = runRounds(workerData as SimulationWork, {
    nowMs: () => performance.now(),
    rssMib: () => process.memoryUsage.rss() / 1_048_576,
    onProgress: (progress) => tell({ kind: 'progress', progress }),
  });
  tell({ kind: 'done', results: [...results] });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  tell({ kind: 'failed', message: `The simulator made an error, and nothing can be said: ${reason}` });
}
