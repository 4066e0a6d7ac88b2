import { isIdentityError } from './connection-pool.ts';
import type { ExchangePool, ExchangeRequest } from './exchange-pool.ts';
import type { ResponseHead } from './http-response-head.ts';
import type { JsonAnswer } from './json-request.ts';
import { jsonAnswerOf } from './json-request.ts';

/** The longest is a block map of 8,192 ranges. */
const maxAnswerBytes = 1024 * 1024;

/** One exchange of JSON with a peer, over the connections that its blocks come over too. Never rejects. */
export function requestPeerJson(
  pool: ExchangePool,
  request: ExchangeRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<JsonAnswer> {
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
    const onAbort = (): void => fail('aborted', 'the agent stops');
    const timer = setTimeout(() => fail('timeout', 'no answer in time'), timeoutMs);
    const exchange = pool.begin(request, {
      head: (received) => {
        head = received;
        if (received.contentLength > maxAnswerBytes) fail('invalid-answer', 'the answer is too long');
      },
      body: (bytes) => parts.push(Buffer.from(bytes)),
      ended: () => finish(jsonAnswerOf(head?.status ?? 0, {}, Buffer.concat(parts).toString('utf8'))),
      failed: ({ errorCode, detail }) => {
        if (errorCode === '') fail('invalid-answer', detail);
        else fail(isIdentityError(errorCode) ? 'identity-mismatch' : 'unreachable', detail);
      },
    });
    signal.addEventListener('abort', onAbort);
  });
}
