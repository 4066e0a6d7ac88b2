/** What the exit codes of `fanout` mean; the same for every command. */
export const exitCodes = {
  ok: 0,
  /** It was tried and did not succeed: the messages say what. */
  failed: 1,
  usage: 2,
  serverUnreachable: 3,
  refused: 4,
  portInUse: 5,
  /** The data folder is used by another process or cannot be written. */
  dataFolder: 6,
  notFound: 7,
  timeout: 8,
  /** The database does not answer, is used by another server, or cannot be used. */
  database: 9,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    done
  1    tried, but not successful; the messages say why
  2    wrong usage
  3    no Notification Server answers
  4    the server refused: wrong token, wrong server, or revoked
  5    a port or address is not available
  6    the data folder is in use or cannot be written
  7    there is no such package, site, agent, account or token
  8    not finished in the time allowed
  9    the database does not answer, is in use or cannot be used
  130  interrupted`;

/** Ends a command with a sentence for people on standard error and an exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
