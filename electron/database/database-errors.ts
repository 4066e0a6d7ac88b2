/** More waits than the disk keeps up with: nothing was written, and it is worth coming again. */
export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError';
}

/** The database does not answer: nothing was written or read. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** There is no room where the database is: nothing was written. */
export class DatabaseFullError extends Error {
  override readonly name = 'DatabaseFullError';
}

/** Why a database cannot be used by this server, in a sentence for people. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError';
  readonly code: 'in-use' | 'unreachable' | 'unsuitable';

  constructor(code: DatabaseRefusedError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
