import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type {
  FromSimWorker,
  SimulationJob,
  SimulationOrder,
  SimulationSummary,
  SimulationWork,
} from '../../../shared/contracts/simulations-api.ts';
import { maximumKeptSimulations, maximumWaitingSimulations } from '../../../shared/contracts/simulations-api.ts';
import { Refusal } from '../refusal.ts';

/** A closed console asks no more; one that was left for another page may come back. */
const forgottenAfterMs = 300_000;
const longestRunMs = 3_600_000;
/** Of the thread; beyond that the simulation fails, and the server does not. */
const heapMib = 4096;

interface Entry {
  shown: SimulationJob;
  readonly work: SimulationWork;
  askedAtMs: number;
  startedAtMs: number;
}

export interface SimulationJobsParts {
  /** sim-worker, bundled or as source. */
  readonly workerFile: string;
  readonly now: () => number;
}

/** Simulations in the order in which they were asked for: one runs in a thread of its own, which ends with it. */
export class SimulationJobs {
  readonly #parts: SimulationJobsParts;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  #running: { readonly entry: Entry; readonly worker: Worker } | null = null;
  #isStopped = false;

  constructor(parts: SimulationJobsParts) {
    this.#parts = parts;
  }

  /** Throws a `Refusal` where too many wait. */
  start(who: string, order: SimulationOrder, work: SimulationWork, notes: readonly string[]): SimulationJob {
    const waiting = [...this.#entries.values()].filter(({ shown }) => shown.state === 'waiting');
    if (this.#isStopped || waiting.length >= maximumWaitingSimulations) {
      throw new Refusal('busy', 'Other simulations are waiting already. Cancel one, or try again when one is done.', {
        retryAfterSeconds: 10,
      });
    }
    const requestedAtMs = this.#parts.now();
    const shown: SimulationJob = {
      ...{ id: randomUUID(), startedBy: who, order, state: 'waiting', requestedAtMs, endedAtMs: null },
      ...{ problem: null, notes: [...notes], progress: null, results: null },
    };
    const entry: Entry = { shown, work, askedAtMs: requestedAtMs, startedAtMs: requestedAtMs };
    this.#entries.set(shown.id, entry);
    this.#forgetOldest();
    this.#runNext();
    return entry.shown;
  }

  find(id: string): SimulationJob | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    entry.askedAtMs = this.#parts.now();
    return entry.shown;
  }

  /** The newest first. */
  list(): SimulationSummary[] {
    return [...this.#entries.values()]
      .reverse()
      .map(({ shown: { results: _results, notes: _notes, ...rest } }) => rest);
  }

  /** False where it is not known. */
  cancel(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#end(entry, { state: 'cancelled' });
    return true;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const worker = this.#running?.worker;
    for (const entry of this.#entries.values()) this.#end(entry, { state: 'cancelled' });
    await worker?.terminate();
  }

  #runNext(): void {
    if (this.#running !== null || this.#isStopped) return;
    const next = [...this.#entries.values()].find(({ shown }) => shown.state === 'waiting');
    if (next === undefined) return;
    if (this.#isForgotten(next)) {
      this.#end(next, forgotten);
      return;
    }
    next.startedAtMs = this.#parts.now();
    next.shown = { ...next.shown, state: 'running' };
    const worker = new Worker(this.#parts.workerFile, {
      workerData: next.work,
      resourceLimits: { maxOldGenerationSizeMb: heapMib },
    });
    this.#running = { entry: next, worker };
    worker.on('message', (message: FromSimWorker) => this.#receive(next, message));
    const onEnd = (reason: string): void => this.#end(next, { state: 'failed', problem: reason });
    worker.on('error', (error: NodeJS.ErrnoException) => onEnd(endWords(error)));
    worker.on('exit', (code) => onEnd(`The simulation ended without a word (exit ${code}). Start it again.`));
    // It does not keep a stopping process alive.
    worker.unref();
  }

  #receive(entry: Entry, message: FromSimWorker): void {
    if (entry.shown.state !== 'running') return; // was on its way when it was cancelled
    if (message.kind === 'done') this.#end(entry, { state: 'done', results: message.results });
    else if (message.kind === 'failed') this.#end(entry, { state: 'failed', problem: message.message });
    else if (this.#isForgotten(entry)) this.#end(entry, forgotten);
    else if (this.#parts.now() - entry.startedAtMs > longestRunMs) this.#end(entry, tooLong);
    else entry.shown = { ...entry.shown, progress: message.progress };
  }

  #isForgotten(entry: Entry): boolean {
    return this.#parts.now() - entry.askedAtMs > forgottenAfterMs;
  }

  /** What has ended stays what it is. */
  #end(entry: Entry, outcome: Pick<SimulationJob, 'state'> & Partial<SimulationJob>): void {
    const { state } = entry.shown;
    if (state !== 'waiting' && state !== 'running') return;
    entry.shown = { ...entry.shown, ...outcome, endedAtMs: this.#parts.now() };
    if (this.#running?.entry === entry) {
      const { worker } = this.#running;
      this.#running = null;
      void worker.terminate();
    }
    this.#runNext();
  }

  #forgetOldest(): void {
    for (const [id, { shown }] of this.#entries) {
      if (this.#entries.size <= maximumKeptSimulations) return;
      if (shown.state !== 'waiting' && shown.state !== 'running') this.#entries.delete(id);
    }
  }
}

const forgotten = {
  state: 'cancelled',
  problem: 'It was cancelled, because nobody had looked at it for five minutes.',
} as const;
const tooLong = {
  state: 'failed',
  problem: 'It was not done after an hour. Simulate fewer agents, or a sample of them.',
} as const;

function endWords(error: NodeJS.ErrnoException): string {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'It needs more memory than a simulation may have. Simulate fewer agents, or a sample of them.';
  }
  return `The simulation stopped unexpectedly: ${error.message}`;
}
