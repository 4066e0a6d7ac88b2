import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

export type WriteTransaction = Transaction<Schema>;
export type Write<Result> = (transaction: WriteTransaction) => Promise<Result>;

interface WaitingWrite {
  /** Runs the write; the returned function tells its caller the outcome, and is called after the commit only. */
  readonly run: (transaction: WriteTransaction) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/** One commit costs a disk flush, so writes that arrive together share it. */
const collectMs = 5;
/** A transaction of the embedded database holds the event loop, so it takes writes for this long and leaves the rest. */
const maximumBatchMs = 10;
/** More than this waiting means that the disk does not keep up: new writes are refused instead of remembered. */
const maximumWaiting = 20_000;

export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError';
}

/**
 * Collects writes and commits them together. The promise of a write resolves after its commit, so that whoever waits for
 * it may acknowledge. A write that throws is rolled back alone; the others of its batch are written again without it, so
 * a write must do nothing but use its transaction.
 */
export class WriteBatcher {
  readonly #database: Database;
  #waiting: WaitingWrite[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;

  constructor(database: Database) {
    this.#database = database;
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
      const answers = await this.#database.transaction().execute(async (transaction) => {
        const collected: (() => void)[] = [];
        do {
          const next = this.#waiting.shift();
          if (next === undefined) break;
          batch.push(next);
          collected.push(await next.run(transaction));
        } while (performance.now() - begunMs < maximumBatchMs);
        return collected;
      });
      for (const answer of answers) answer();
    } catch {
      // One write of the batch failed, or the commit did: each again on its own, so that only the guilty one is told.
      for (const write of batch) await this.#commitAlone(write);
    }
  }

  async #commitAlone(write: WaitingWrite): Promise<void> {
    try {
      const answer = await this.#database.transaction().execute((transaction) => write.run(transaction));
      answer();
    } catch (error) {
      write.reject(error);
    }
  }
}
