import { X509Certificate } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { serverCertificateName } from '../../shared/base/ids.ts';
import { bootHeader } from '../../shared/contracts/agent-api.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { AgentFailure } from './agent-failure.ts';
import type { Credentials } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { ExchangePool, Remote } from './exchange-pool.ts';
import type { JsonAnswer } from './json-request.ts';
import { requestJson } from './json-request.ts';
import type { ServerTime } from './server-time.ts';

const timeoutMs = 30_000;
/** The largest document is a snapshot of a million hashes. */
const maxAnswerBytes = 160 * 1024 * 1024;

export type ServerAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly etag: string | null; readonly body: unknown }
  | { readonly kind: 'failed'; readonly code: 'unreachable' | 'refused'; readonly detail: string };

export interface ServerConnectionOptions {
  readonly serverUrl: string;
  readonly bootId: number;
  readonly credentials: Credentials;
  readonly pool: ExchangePool;
  readonly serverTime: ServerTime;
  readonly logger: AgentLogger;
  /** The server knows this agent no longer, or takes it for a copy: nothing will work any more. */
  readonly onRejected: (failure: AgentFailure) => void;
}

/** Requests to the Notification Server with the agent's certificate; learns its time from every answer. */
export class ServerConnection {
  readonly remote: Remote;
  readonly #options: ServerConnectionOptions;
  readonly #closing = new AbortController();
  #isAnotherServer = false;

  constructor(options: ServerConnectionOptions) {
    this.#options = options;
    const url = new URL(options.serverUrl);
    this.remote = {
      hostname: url.hostname,
      port: url.port === '' ? 443 : Number(url.port),
      servername: serverCertificateName(options.credentials.identity.serverId),
    };
  }

  /** `path` behind `/agent/v1`. Never rejects. */
  async request(
    method: 'GET' | 'POST',
    path: string,
    more: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<ServerAnswer> {
    const startedAtMs = performance.now();
    const request = {
      remote: this.remote,
      method,
      path: `/agent/v1${path}`,
      headers: { ...more.headers, [bootHeader]: String(this.#options.bootId) },
      ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    };
    const { signal } = this.#closing;
    const answer = await requestJson(this.#options.pool, request, { maxAnswerBytes, timeoutMs, signal });
    if (answer.kind === 'answer') {
      const serverTimeMs = Number(answer.head.serverTimeMs ?? Number.NaN);
      if (Number.isFinite(serverTimeMs)) this.#options.serverTime.learn(serverTimeMs, performance.now() - startedAtMs);
    }
    return this.#serverAnswerOf(answer);
  }

  /**
   * Another server at this address is no server: whoever answers there for an hour, by mistake or on purpose, must not end
   * the agents of a whole organisation for good. A line when it is noticed, by a request or the feed, and one when it is over.
   */
  noteServer(isAnother: boolean): void {
    if (isAnother === this.#isAnotherServer) return;
    this.#isAnotherServer = isAnother;
    const { serverUrl: server, logger } = this.#options;
    if (isAnother) logger.error({ server }, 'the server is another one than this agent is enrolled with');
    else logger.info({ server }, 'the server is the one that this agent is enrolled with again');
  }

  close(): void {
    this.#closing.abort();
  }

  #serverAnswerOf(answer: JsonAnswer): ServerAnswer {
    if (answer.kind === 'failed') {
      if (answer.code === 'identity-mismatch') this.noteServer(true);
      return { kind: 'failed', code: 'unreachable', detail: answer.detail };
    }
    this.noteServer(false);
    const { head, body } = answer;
    const { status } = head;
    if (status < 400) return { kind: 'answer', status, etag: head.etag ?? null, body };
    const parsed = apiErrorSchema.safeParse(body);
    const detail = parsed.success ? parsed.data.error.message : `HTTP status ${status}`;
    if (parsed.success && parsed.data.error.code === 'cloned')
      this.#options.onRejected(new AgentFailure('cloned', detail));
    const code = parsed.success ? parsed.data.error.code : null;
    // After a month without the server the certificate is over; that it can still be renewed is looked after elsewhere.
    if (code === 'revoked' || (code === 'not-enrolled' && !this.#isCertificateOver())) {
      this.#options.onRejected(new AgentFailure('revoked', detail));
    }
    // A server that is busy or broken may be well again soon; one that says no will say it again.
    const isTemporary = status >= 500 || status === 408 || status === 429;
    return { kind: 'failed', code: isTemporary ? 'unreachable' : 'refused', detail };
  }

  #isCertificateOver(): boolean {
    const { credentials, serverTime } = this.#options;
    return Date.parse(new X509Certificate(credentials.identity.certificatePem).validTo) <= serverTime.nowMs();
  }
}
