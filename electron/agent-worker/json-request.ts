import type { ExchangePool, ExchangeRequest } from './exchange-pool.ts';
import type { ResponseHead } from './http-response-head.ts';
import { isIdentityError } from './identity-errors.ts';

export interface JsonLimits {
  /** Nothing longer is read. */
  readonly maxAnswerBytes: number;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type JsonAnswer =
  | { readonly kind: 'answer'; readonly head: ResponseHead; readonly body: unknown }
  | {
      readonly kind: 'failed';
      readonly code: 'timeout' | 'unreachable' | 'identity-mismatch' | 'invalid-answer' | 'aborted';
      readonly detail: string;
    };

/** One exchange of JSON. Never rejects. */
export function requestJson(pool: ExchangePool, request: ExchangeRequest, limits: JsonLimits): Promise<JsonAnswer> {
  const { maxAnswerBytes, timeoutMs, signal } = limits;
  const stopped = { kind: 'failed', code: 'aborted', detail: 'the agent stops' } as const;
  if (signal.aborted) return Promise.resolve(stopped);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let head: ResponseHead | null = null;
    const finish = (answer: JsonAnswer): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      exchange.abort();
      resolve(answer);
    };
    const fail = (code: Extract<JsonAnswer, { kind: 'failed' }>['code'], detail: string): void =>
      finish({ kind: 'failed', code, detail });
    const onAbort = (): void => finish(stopped);
    const timer = setTimeout(() => fail('timeout', 'no answer in time'), timeoutMs);
    const exchange = pool.begin(request, {
      head: (received) => {
        head = received;
        if (received.contentLength > maxAnswerBytes) fail('invalid-answer', 'the answer is too long');
      },
      body: (bytes) => parts.push(Buffer.from(bytes)),
      ended: () => {
        if (head !== null) finish(jsonAnswerOf(head, Buffer.concat(parts).toString('utf8')));
      },
      failed: ({ errorCode, detail }) => {
        if (errorCode === '') fail('invalid-answer', detail);
        else fail(isIdentityError(errorCode) ? 'identity-mismatch' : 'unreachable', detail);
      },
    });
    signal.addEventListener('abort', onAbort);
  });
}

function jsonAnswerOf(head: ResponseHead, text: string): JsonAnswer {
  if (text === '') return { kind: 'answer', head, body: null };
  try {
    return { kind: 'answer', head, body: JSON.parse(text) };
  } catch {
    // A server that is broken: as a refusal it still has its status.
    return head.status >= 400
      ? { kind: 'answer', head, body: null }
      : { kind: 'failed', code: 'invalid-answer', detail: 'the answer is not JSON' };
  }
}
