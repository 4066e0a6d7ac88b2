import { randomInt } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { bootHeader } from '../../shared/contracts/agent-api.ts';
import type { FeedFromAgent, FeedToAgent } from '../../shared/contracts/agent-feed.ts';
import { feedCloseCodes, feedToAgentSchema } from '../../shared/contracts/agent-feed.ts';
import { messageOf, systemErrorCode } from './agent-failure.ts';
import type { Credentials } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { Remote } from './exchange-pool.ts';
import { isIdentityError } from './identity-errors.ts';
import type { LocalAddresses } from './local-addresses.ts';

const firstRetryMs = 250;
/** After a restart of the server 54,000 agents come back within this time, not in one second. */
const longestRetryMs = 15_000;
const handshakeTimeoutMs = 10_000;
/** The server pings every 15 s: silence over three of them means that the connection is gone. */
const silenceMs = 45_000;
/** Reports are worthless when late: beyond this they are dropped. */
const maxBufferedBytes = 1024 * 1024;
const maxMessageBytes = 1024 * 1024;

export interface FeedOptions {
  readonly remote: Remote;
  readonly localAddresses: LocalAddresses;
  readonly credentials: Credentials;
  readonly bootId: number;
  readonly onConnected: () => void;
  /** The server does not let this agent in; another request will hear why. */
  readonly onRefused: () => void;
  /** Whoever answers is not the server that this agent is enrolled with. */
  readonly onAnotherServer: () => void;
  readonly onMessage: (message: FeedToAgent) => void;
  readonly logger: AgentLogger;
}

/** The WebSocket that stays open to the Notification Server, opened again whenever it breaks. */
export class FeedConnection {
  readonly #options: FeedOptions;
  #socket: WebSocket | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #silenceTimer: NodeJS.Timeout | null = null;
  #failures = 0;
  #isWanted = false;
  /** With it the next handshake needs no certificates. Of the identity that it was made with, which a renewal ends. */
  #session: { readonly bytes: Buffer; readonly of: SecureContext } | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Stays open from now on, whatever breaks it, until `close`. */
  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    // One that is just being closed says so, and the next is opened then.
    if (this.#socket === null) this.#connect();
  }

  #connect(): void {
    const { remote } = this.#options;
    const socket = new WebSocket(`wss://${remote.hostname}:${remote.port}/agent/v1/feed`, {
      createConnection: () => this.#openTls(),
      headers: { [bootHeader]: String(this.#options.bootId) },
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
    });
    this.#socket = socket;
    socket.on('open', () => {
      this.#failures = 0;
      this.#heard(socket);
      this.#options.onConnected();
    });
    socket.on('unexpected-response', (_request, response) => {
      if (response.statusCode === 401 || response.statusCode === 403) this.#options.onRefused();
      // The 'close' that follows plans the next attempt.
      socket.terminate();
    });
    socket.on('ping', () => this.#heard(socket));
    socket.on('message', (data) => {
      this.#heard(socket);
      this.#take(data.toString());
    });
    // The 'close' that follows plans the next attempt.
    socket.on('error', (error) => {
      if (isIdentityError(systemErrorCode(error))) this.#options.onAnotherServer();
      if (this.#failures === 0) this.#options.logger.debug({ reason: messageOf(error) }, 'the feed broke');
    });
    socket.on('close', (code) => {
      if (code === feedCloseCodes.cloned) this.#options.onRefused();
      this.#retryLater();
    });
  }

  #openTls(): TLSSocket {
    const { remote, localAddresses, credentials } = this.#options;
    const { secureContext } = credentials;
    const session = this.#session?.of === secureContext ? this.#session.bytes : undefined;
    const connection = connectTls({
      host: remote.hostname,
      port: remote.port,
      servername: remote.servername,
      secureContext,
      minVersion: 'TLSv1.3',
      ...localAddresses.towards(remote.hostname),
      ...(session === undefined ? {} : { session }),
    });
    connection.on('session', (bytes) => {
      this.#session = { bytes, of: secureContext };
    });
    return connection;
  }

  /** Dropped where the feed is not open or the server does not keep up. */
  send(message: FeedFromAgent): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBufferedBytes) return;
    socket.send(JSON.stringify(message));
  }

  /** Other ways lead to the server now: a connection over the old one would only be given up after a long silence. */
  reconnect(): void {
    this.#failures = 0;
    this.#socket?.terminate();
  }

  close(): void {
    this.#isWanted = false;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer);
    this.#socket?.terminate();
  }

  #take(text: string): void {
    const message = feedToAgentSchema.safeParse(parseJson(text));
    if (message.success) this.#options.onMessage(message.data);
    else this.#options.logger.warn({}, 'a feed message was not understood: the server has another version');
  }

  #heard(socket: WebSocket): void {
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer);
    if (this.#isWanted) this.#silenceTimer = setTimeout(() => socket.terminate(), silenceMs);
  }

  #retryLater(): void {
    this.#socket = null;
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer);
    if (!this.#isWanted) return;
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs / 2 + randomInt(Math.ceil(delayMs)));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null.
    return null;
  }
}
