import { Worker } from 'node:worker_threads';
import type { FromHashWorker, HashSource, ToHashWorker } from './hash-messages.ts';

export type HashOutcome =
  | { readonly kind: 'done'; readonly blockHashes: readonly string[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

export interface HashOrder {
  readonly jobId: string;
  readonly sources: readonly HashSource[];
  readonly contentFile: string;
  readonly blockSizeBytes: number;
  readonly onProgress: (doneBytes: number) => void;
}

interface Running {
  readonly order: HashOrder;
  readonly finish: (outcome: HashOutcome) => void;
}

/** The one hash worker: started with the first import, started again where it died, works on one order at a time. */
export class HashThread {
  readonly #workerFile: string;
  #worker: Worker | null = null;
  #running: Running | null = null;

  constructor(workerFile: string) {
    this.#workerFile = workerFile;
  }

  /** Never rejects. The caller waits for one order before it gives the next. */
  hash(order: HashOrder): Promise<HashOutcome> {
    return new Promise((resolve) => {
      this.#running = {
        order,
        finish: (outcome) => {
          this.#running = null;
          resolve(outcome);
        },
      };
      const { onProgress, ...message } = order;
      this.#post({ kind: 'hash', ...message });
    });
  }

  cancel(jobId: string): void {
    if (this.#running?.order.jobId === jobId) this.#post({ kind: 'cancel', jobId });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
    this.#running?.finish({ kind: 'cancelled' });
  }

  #post(message: ToHashWorker): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile);
    worker.on('message', (message: FromHashWorker) => this.#receive(message));
    const onEnd = (reason: string): void => {
      if (this.#worker === worker) this.#worker = null;
      this.#running?.finish({
        kind: 'failed',
        message: `The import stopped unexpectedly (${reason}). Import it again.`,
      });
    };
    worker.on('error', (error: Error) => onEnd(error.message));
    worker.on('exit', (code) => onEnd(`worker exit ${code}`));
    // An import does not keep a stopping process alive.
    worker.unref();
    return worker;
  }

  #receive(message: FromHashWorker): void {
    const running = this.#running;
    if (running === null || running.order.jobId !== message.jobId) return;
    if (message.kind === 'progress') running.order.onProgress(message.doneBytes);
    else running.finish(message);
  }
}
