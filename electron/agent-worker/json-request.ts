import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { messageOf, systemErrorCode } from './agent-failure.ts';
import type { ConnectionPool, Remote } from './connection-pool.ts';
import { isIdentityError } from './connection-pool.ts';

/** The largest document is a snapshot of a million hashes; nothing larger is read. */
const maxAnswerBytes = 160 * 1024 * 1024;

export interface JsonRequest {
  readonly pool: ConnectionPool;
  readonly remote: Remote;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON where given. */
  readonly body?: unknown;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type JsonAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: unknown }
  | {
      readonly kind: 'failed';
      readonly code: 'timeout' | 'unreachable' | 'identity-mismatch' | 'invalid-answer' | 'aborted';
      readonly detail: string;
    };

export const blockoutDetail = 'the policy forbids any communication now';

/** One exchange of JSON; never rejects. A connection that the other side closed while it was idle is tried anew once. */
export async function requestJson(options: JsonRequest): Promise<JsonAnswer> {
  const first = await exchange(options);
  return first.canRetry ? (await exchange(options)).answer : first.answer;
}

interface Exchange {
  readonly answer: JsonAnswer;
  readonly canRetry: boolean;
}

async function exchange(options: JsonRequest): Promise<Exchange> {
  if (!options.pool.isOpen) {
    return { answer: { kind: 'failed', code: 'unreachable', detail: blockoutDetail }, canRetry: false };
  }
  const { pool, remote, method, path, body, timeoutMs } = options;
  const payload = body === undefined ? null : JSON.stringify(body);
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (payload !== null) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(Buffer.byteLength(payload));
  }
  return new Promise((resolve) => {
    const { signal } = options;
    const agent = pool.agentFor(remote);
    const outgoing = request({ hostname: remote.hostname, port: remote.port, path, method, headers, agent, signal });
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      outgoing.destroy(new Error('no answer in time'));
    }, timeoutMs);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      const answer = failureOf(error, signal.aborted, isTooLate);
      const canRetry = outgoing.reusedSocket && answer.code === 'unreachable';
      resolve({ answer, canRetry });
    };
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > maxAnswerBytes) outgoing.destroy(new Error('the answer is too long'));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(parts).toString('utf8');
        const answer = jsonAnswerOf(response.statusCode ?? 0, response.headers, text);
        resolve({ answer, canRetry: false });
      });
    });
    outgoing.end(payload ?? undefined);
  });
}

/** Never throws. */
export function jsonAnswerOf(status: number, headers: IncomingHttpHeaders, text: string): JsonAnswer {
  if (text === '') return { kind: 'answer', status, headers, body: null };
  try {
    return { kind: 'answer', status, headers, body: JSON.parse(text) };
  } catch {
    // A proxy's page, or a broken server: as a refusal it still has its status.
    return status >= 400
      ? { kind: 'answer', status, headers, body: null }
      : { kind: 'failed', code: 'invalid-answer', detail: 'the answer is not JSON' };
  }
}

function failureOf(error: unknown, isClosing: boolean, isTooLate: boolean): Extract<JsonAnswer, { kind: 'failed' }> {
  const detail = messageOf(error);
  if (isClosing) return { kind: 'failed', code: 'aborted', detail };
  if (isTooLate) return { kind: 'failed', code: 'timeout', detail };
  const code = isIdentityError(systemErrorCode(error)) ? 'identity-mismatch' : 'unreachable';
  return { kind: 'failed', code, detail };
}
