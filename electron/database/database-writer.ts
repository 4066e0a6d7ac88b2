import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import { DatabaseFullError } from './database-errors.ts';
import type { Schema } from './schema.ts';

export type WriteTransaction = Transaction<Schema>;

/** The one way of changing the database. */
export interface DatabaseWriter {
  /** A transaction takes writes for this long, so that the first does not wait for too many others. */
  readonly maximumBatchMs: number;
  /**
   * Runs one transaction; resolves after its commit. Rejects with `DatabaseUnavailableError` only where nothing of it was
   * written, however the connection was lost: then it may be run again.
   */
  transact<Result>(run: (transaction: WriteTransaction) => Promise<Result>): Promise<Result>;
  /** Resolves when the database answers. */
  available(): Promise<void>;
}

/** The embedded database is always there. A transaction of it holds the event loop, so that it must be short. */
export function embeddedWriter(database: Database): DatabaseWriter {
  return {
    maximumBatchMs: 10,
    transact: async (run) => {
      try {
        return await database.transaction().execute(run);
      } catch (error) {
        if (!isFull(error)) throw error;
        throw new DatabaseFullError('The disk of the database is full. Nothing was changed.', { cause: error });
      }
    },
    available: async () => undefined,
  };
}

/** What SQLite says where a page, the log or the index of the log finds no room. */
const codesOfFullDisk = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_FSYNC']);

function isFull(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return codesOfFullDisk.has(String(code)) || /database or disk is full/.test(String(message));
}
