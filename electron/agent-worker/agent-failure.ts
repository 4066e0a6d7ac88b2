import type { AgentFailureCode } from '../../shared/contracts/worker-protocol.ts';

/** Trying again with the same input cannot help. */
const finalCodes: ReadonlySet<AgentFailureCode> = new Set([
  'join-token-invalid',
  'server-identity-mismatch',
  'address-not-available',
  'data-folder-not-writable',
  'revoked',
]);

/** Why an agent cannot run: a code for programs, a sentence for people. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly code: AgentFailureCode;

  constructor(code: AgentFailureCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** A full disk has room again some day, whatever it has made impossible. */
  get isFinal(): boolean {
    return finalCodes.has(this.code) && !isNoRoom(this.cause);
  }
}

/** `code` of a system error such as `EADDRINUSE`, or the empty string. */
export function systemErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The disk is full, or what its owner may use of it. */
export function isNoRoom(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong with binding `address:port`, as the failure that a person can act on. */
export function bindFailure(error: unknown, address: string, port: number): AgentFailure {
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return new AgentFailure(
        'port-in-use',
        `Port ${port} at ${address} is used by another program. Choose another port or stop that program.`,
        error,
      );
    case 'EADDRNOTAVAIL':
      return new AgentFailure('address-not-available', `This computer does not have the address ${address}.`, error);
    case 'EACCES':
      return new AgentFailure('port-in-use', `The system does not allow port ${port} at ${address}.`, error);
    default:
      return new AgentFailure('internal', `Cannot listen at ${address}:${port}: ${messageOf(error)}`, error);
  }
}
