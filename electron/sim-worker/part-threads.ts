import { Worker } from 'node:worker_threads';
import type { SimulationProgress, SimulationRequest } from '../../shared/contracts/simulation.ts';
import type { PartOrder, PartOutcome, PartThreadStart } from '../../shared/contracts/simulation-parts.ts';
import { fromPartThreadSchema } from '../../shared/contracts/simulation-parts.ts';
import type { RolloutPlan } from '../../shared/sim/rollout/rollout-plan.ts';
import { planOf } from '../../shared/sim/rollout/rollout-plan.ts';
import type { RolloutSummary } from '../../shared/sim/rollout/rollout-summary.ts';
import { summaryOf } from '../../shared/sim/rollout/rollout-summary.ts';

export interface PartThreadsRun {
  /** Whose parts need not know of each other: see `areInTurn`. */
  readonly request: SimulationRequest;
  /** How many parts are simulated at the same time, at most. */
  readonly threads: number;
  /** sim-worker, bundled or as source. */
  readonly workerFile: string;
  /** Of each thread. */
  readonly heapMib: number;
  readonly onProgress: (progress: SimulationProgress) => void;
  readonly interrupt: AbortSignal;
}

/**
 * Simulates the parts of an organisation in threads, as many at the same time as is said. The result is the same as with
 * `RolloutRun`, event by event. Rejects where a thread fails, and with the signal's reason once that is aborted; no thread is left then.
 */
export async function runInThreads(run: PartThreadsRun): Promise<RolloutSummary> {
  const rollout = planOf(run.request);
  run.interrupt.throwIfAborted();
  const parts = new PartThreads(run, rollout);
  try {
    return summaryOf(rollout, await parts.outcomes, run.request.seed);
  } finally {
    await parts.end();
  }
}

class PartThreads {
  readonly #run: PartThreadsRun;
  readonly #agents: number;
  /** Numbers of the parts that nobody has begun; the largest come first, so that none of them is left alone at the end. */
  readonly #waiting: number[];
  readonly #workers: Worker[];
  readonly #outcomes: (PartOutcome | undefined)[];
  /** By part. */
  readonly #progress: (SimulationProgress | undefined)[] = [];
  /** In the order of the organisation. */
  readonly outcomes: Promise<readonly PartOutcome[]>;
  #resolve: (outcomes: readonly PartOutcome[]) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  readonly #interrupted = (): void => this.#reject(this.#run.interrupt.reason);

  constructor(run: PartThreadsRun, { parts, agents }: RolloutPlan) {
    this.#run = run;
    this.#agents = agents;
    this.#outcomes = parts.map(() => undefined);
    this.#waiting = parts.map((_, part) => part).sort((a, b) => (parts[b]?.agents ?? 0) - (parts[a]?.agents ?? 0));
    this.outcomes = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    run.interrupt.addEventListener('abort', this.#interrupted);
    this.#workers = Array.from({ length: Math.min(run.threads, parts.length) }, () => this.#start());
  }

  async end(): Promise<void> {
    this.#run.interrupt.removeEventListener('abort', this.#interrupted);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const workerData: PartThreadStart = { kind: 'parts', request: this.#run.request };
    const resourceLimits = { maxOldGenerationSizeMb: this.#run.heapMib };
    const worker = new Worker(this.#run.workerFile, { workerData, resourceLimits });
    worker.on('message', (message: unknown) => this.#receive(worker, message));
    worker.on('error', (error) => this.#reject(error));
    worker.on('exit', (code) => this.#reject(new Error(`a simulation thread ended without a word (exit ${code})`)));
    this.#giveNext(worker);
    return worker;
  }

  #giveNext(worker: Worker): void {
    const part = this.#waiting.shift();
    if (part !== undefined) worker.postMessage({ part } satisfies PartOrder);
  }

  #receive(worker: Worker, message: unknown): void {
    const word = fromPartThreadSchema.parse(message);
    if (word.kind === 'progress') {
      this.#progress[word.part] = word.progress;
      this.#run.onProgress(this.#together());
      return;
    }
    this.#outcomes[word.part] = word.outcome;
    const outcomes = this.#outcomes.filter((outcome) => outcome !== undefined);
    if (outcomes.length === this.#outcomes.length) this.#resolve(outcomes);
    else this.#giveNext(worker);
  }

  #together(): SimulationProgress {
    const known = this.#progress.filter((progress) => progress !== undefined);
    return {
      virtualSeconds: known.reduce((most, { virtualSeconds }) => Math.max(most, virtualSeconds), 0),
      ready: known.reduce((sum, { ready }) => sum + ready, 0),
      agents: this.#agents,
      events: known.reduce((sum, { events }) => sum + events, 0),
    };
  }
}
