export type StartErrorCode =
  | 'port-in-use'
  | 'already-running'
  | 'address-not-available'
  | 'console-needs-tls'
  | 'database-in-use'
  | 'database-unreachable'
  | 'database-unsuitable'
  | 'identity-missing';

/** Why the server did not start, in a sentence that names what is in the way. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;
  /** For `already-running` and, where it could be found, `port-in-use`. */
  readonly pid: number | null;
  /** For `already-running`: the console of the server that runs. */
  readonly consoleUrl: string | null;

  constructor(
    code: StartErrorCode,
    message: string,
    details: { pid?: number | null; consoleUrl?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.pid = details.pid ?? null;
    this.consoleUrl = details.consoleUrl ?? null;
  }
}
