import { DatabaseBusyError, DatabaseUnavailableError } from './database-errors.ts';
import type { DatabaseWriter, WriteTransaction } from './database-writer.ts';

export type { WriteTransaction } from './database-writer.ts';
export type Write<Result> = (transaction: WriteTransaction) => Promise<Result>;

interface WaitingWrite {
  /** Runs the write; the returned function tells its caller the outcome, and is called after the commit only. */
  readonly run: (transaction: WriteTransaction) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
  readonly sinceMs: number;
}

/** One commit costs a disk flush, so writes that arrive together share it. */
const collectMs = 5;
/** More than this waiting means that the disk does not keep up: new writes are refused instead of remembered. */
const maximumWaiting = 20_000;
/** Whoever asked for a write wants to know: after this long without a database it is told that nothing was written. */
const maximumUnavailableMs = 5000;
const expiryCheckMs = 250;

export interface WriteCounts {
  readonly commits: number;
  /** Of all commits together. */
  readonly commitSeconds: number;
  readonly writes: number;
  readonly failures: number;
}

/**
 * Collects writes and commits them together. The promise of a write resolves after its commit, so that whoever waits for
 * it may acknowledge. A write that throws is rolled back alone; the others of its batch are written again without it, so
 * a write must do nothing but use its transaction. While the database does not answer, writes wait for a while.
 */
export class WriteBatcher {
  readonly #writer: DatabaseWriter;
  readonly #counts = { commits: 0, commitSeconds: 0, writes: 0, failures: 0 };
  #waiting: WaitingWrite[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;

  constructor(writer: DatabaseWriter) {
    this.#writer = writer;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get counts(): WriteCounts {
    return this.#counts;
  }

  write<Result>(write: Write<Result>): Promise<Result> {
    if (this.#waiting.length >= maximumWaiting) {
      return Promise.reject(new DatabaseBusyError('The database does not keep up with the writes.'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        run: async (transaction) => {
          const result = await write(transaction);
          return () => resolve(result);
        },
        reject,
        sinceMs: performance.now(),
      });
      this.#schedule();
    });
  }

  /** Commits what is waiting now, and what arrives meanwhile. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== null) {
      this.#start();
      await this.#running;
    }
  }

  #schedule(): void {
    if (this.#timer !== null || this.#running !== null) return;
    this.#timer = setTimeout(() => this.#start(), collectMs);
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#running !== null || this.#waiting.length === 0) return;
    this.#running = this.#commitSome().finally(() => {
      this.#running = null;
      // The next batch gets a turn of its own: between two commits the event loop serves its sockets.
      if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#start(), 1);
    });
  }

  async #commitSome(): Promise<void> {
    const begunMs = performance.now();
    const batch: WaitingWrite[] = [];
    try {
      const answers = await this.#transact(async (transaction) => {
        const collected: (() => void)[] = [];
        do {
          const next = this.#waiting.shift();
          if (next === undefined) break;
          batch.push(next);
          collected.push(await next.run(transaction));
        } while (performance.now() - begunMs < this.#writer.maximumBatchMs);
        return collected;
      });
      this.#counts.writes += answers.length;
      for (const answer of answers) answer();
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) await this.#waitWith(batch);
      else await this.#commitEachAlone(batch);
    }
  }

  /** One write of the batch failed, or the commit did: each again on its own, so that only the guilty one is told. */
  async #commitEachAlone(batch: readonly WaitingWrite[]): Promise<void> {
    for (const [index, write] of batch.entries()) {
      try {
        const answer = await this.#transact((transaction) => write.run(transaction));
        this.#counts.writes++;
        answer();
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) return this.#waitWith(batch.slice(index));
        this.#counts.failures++;
        write.reject(error);
      }
    }
  }

  async #transact<Result>(run: Write<Result>): Promise<Result> {
    const begunMs = performance.now();
    const result = await this.#writer.transact(run);
    this.#counts.commits++;
    this.#counts.commitSeconds += (performance.now() - begunMs) / 1000;
    return result;
  }

  /** Nothing of the batch was written. It is the next again when the database answers, if that is soon. */
  async #waitWith(batch: readonly WaitingWrite[]): Promise<void> {
    this.#waiting.unshift(...batch);
    while (this.#waiting.length > 0) {
      if (await isWithin(this.#writer.available(), expiryCheckMs)) return;
      const endedMs = performance.now() - maximumUnavailableMs;
      const expired = this.#waiting.filter(({ sinceMs }) => sinceMs <= endedMs);
      this.#waiting = this.#waiting.filter(({ sinceMs }) => sinceMs > endedMs);
      this.#counts.failures += expired.length;
      const error = new DatabaseUnavailableError('The database does not answer. Nothing was changed.');
      for (const write of expired) write.reject(error);
    }
  }
}

async function isWithin(promise: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([promise.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}
