import type { ApiError, ApiErrorCode } from '../../shared/contracts/errors.ts';

const statusOfCode: Readonly<Record<ApiErrorCode, number>> = {
  'invalid-request': 400,
  'path-refused': 400,
  'not-signed-in': 401,
  'not-enrolled': 401,
  revoked: 403,
  cloned: 403,
  'join-token-invalid': 403,
  'forbidden-origin': 403,
  'forbidden-host': 403,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'version-conflict': 409,
  'not-available': 409,
  'too-large': 413,
  'range-not-satisfiable': 416,
  'too-many-requests': 429,
  busy: 503,
  stopping: 503,
  internal: 500,
};

interface MoreOfRefusal extends Partial<ApiError> {
  readonly retryAfterSeconds?: number;
  /** Where the usual status of the code would say something else. */
  readonly status?: number;
}

/** Thrown by a handler to refuse a request: becomes an `ApiError` and its status, nothing is logged as a fault. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly details: ApiError;
  readonly status: number;
  /** For `busy` and `too-many-requests`: when to come again, in seconds. */
  readonly retryAfterSeconds: number | null;

  constructor(code: ApiErrorCode, message: string, more: MoreOfRefusal = {}) {
    super(message);
    const { retryAfterSeconds, status, ...rest } = more;
    this.details = { ...rest, code, message };
    this.status = status ?? statusOfCode[code];
    this.retryAfterSeconds = retryAfterSeconds ?? null;
  }
}
