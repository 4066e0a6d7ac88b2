import type { ConnectionOptions } from 'node:tls';
import type { Credentials } from './agent-identity.ts';
import type { ExchangeFailure, ResponseReader } from './exchange-connection.ts';
import { ExchangeConnection } from './exchange-connection.ts';
import type { ResponseHead } from './http-response-head.ts';
import type { LocalAddresses } from './local-addresses.ts';

/** Connections to one source at a time: a connection carries one block, and the core spreads requests over sources. */
const maxConnectionsPerSource = 8;
/** Shorter than the server's keep-alive time, so that a request rarely meets a connection that is being closed. */
const idleConnectionMs = 15_000;
/** Sources that were used last; twice the most peers that a policy allows per attempt. */
const maxSources = 100;

const droppedDetail = 'the server has revoked this agent';

export interface Remote {
  readonly hostname: string;
  readonly port: number;
  /** Certificate name expected there. */
  readonly servername: string;
}

/** Null: whoever is there with a certificate of our CA. */
type RemoteOrStranger = Omit<Remote, 'servername'> & { readonly servername: string | null };

export interface ExchangeRequest {
  readonly remote: RemoteOrStranger;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, for POST. */
  readonly body?: string;
}

interface Source {
  readonly remote: RemoteOrStranger;
  readonly connections: Set<ExchangeConnection>;
  /** The one used last is last: it is the one least likely to be closed by the other side. */
  readonly idle: { readonly connection: ExchangeConnection; readonly timer: NodeJS.Timeout }[];
  readonly waiting: Exchange[];
  /** Of the last connection: the next one need not check certificates again. */
  session: Buffer | undefined;
}

/** Kept-alive mutual-TLS connections to peers and servers, for small exchanges and for blocks. */
export class ExchangePool {
  readonly #credentials: Credentials;
  readonly #localAddresses: LocalAddresses;
  /** In the order of use, the oldest first. */
  readonly #sources = new Map<string, Source>();
  readonly #exchanges = new Set<Exchange>();
  #closedBecause: string | null = null;

  constructor(credentials: Credentials, localAddresses: LocalAddresses) {
    this.#credentials = credentials;
    this.#localAddresses = localAddresses;
    // Connections in use run on, and are not used again.
    credentials.onChange(() => this.#forget([...this.#sources.keys()]));
  }

  /** Ends by exactly one of the reader's `ended` and `failed`, never from inside the call, or by `abort`. */
  begin(request: ExchangeRequest, reader: ResponseReader): Exchange {
    const source = this.#sourceOf(request.remote);
    const exchange = new Exchange(textOf(request), reader, {
      again: () => this.#connect(source, exchange),
      over: (connection) => this.#over(source, exchange, connection),
    });
    this.#exchanges.add(exchange);
    const why = this.#closedBecause;
    if (why === null) this.#start(source, exchange);
    else queueMicrotask(() => exchange.breakOff(why));
    return exchange;
  }

  /** Closed, for the reason that is given: what is under way fails, and so does what is begun. Null: open. */
  setClosed(why: string | null): void {
    this.#closedBecause = why;
    if (why === null) return;
    for (const exchange of [...this.#exchanges]) exchange.breakOff(why);
    this.#forget([...this.#sources.keys()]);
  }

  /** Ends the connections to whoever has this certificate name; what is under way over them fails. */
  drop(servername: string): void {
    for (const [name, source] of [...this.#sources]) {
      if (!name.startsWith(`${servername}|`)) continue;
      for (const exchange of [...this.#exchanges]) {
        if (exchange.isOn(source.connections) || source.waiting.includes(exchange)) exchange.breakOff(droppedDetail);
      }
      this.#forget([name]);
    }
  }

  /** Ends the connections that were made from these own addresses, which exist no longer; what is under way over them fails. */
  dropFrom(addresses: readonly string[]): void {
    for (const { connections } of this.#sources.values()) {
      for (const connection of [...connections]) {
        if (!addresses.includes(connection.localAddress)) continue;
        for (const exchange of [...this.#exchanges]) {
          if (exchange.isOn(new Set([connection]))) exchange.breakOff('the own address is gone');
        }
        connection.destroy();
      }
    }
  }

  /** Ends every connection; readers are not told. */
  close(): void {
    for (const exchange of [...this.#exchanges]) exchange.abort();
    this.#forget([...this.#sources.keys()]);
  }

  #sourceOf(remote: RemoteOrStranger): Source {
    const fresh: Source = { remote, connections: new Set(), idle: [], waiting: [], session: undefined };
    // A question to whoever is there is asked once; what comes of it is asked again by name.
    if (remote.servername === null) return fresh;
    const name = `${remote.servername}|${remote.hostname}|${remote.port}`;
    const source = this.#sources.get(name) ?? fresh;
    this.#sources.delete(name);
    this.#sources.set(name, source);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > maxSources && oldest !== undefined) this.#forget([oldest]);
    return source;
  }

  #start(source: Source, exchange: Exchange): void {
    const idle = source.idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      exchange.startOn(idle.connection, true);
    } else if (source.connections.size < maxConnectionsPerSource) {
      this.#connect(source, exchange);
    } else {
      source.waiting.push(exchange);
    }
  }

  #connect(source: Source, exchange: Exchange): void {
    const { hostname, port, servername } = source.remote;
    const { session } = source;
    const connection = new ExchangeConnection(
      {
        host: hostname,
        port,
        ...expectedName(servername),
        secureContext: this.#credentials.secureContext,
        minVersion: 'TLSv1.3',
        ...this.#localAddresses.towards(hostname),
        ...(session === undefined ? {} : { session }),
      },
      (given) => {
        source.session = given;
      },
      () => {
        source.connections.delete(connection);
        this.#removeIdle(source, connection);
        this.#startNext(source);
      },
    );
    source.connections.add(connection);
    exchange.startOn(connection, false);
  }

  /** An exchange ended, or was given up before it had a connection. */
  #over(source: Source, exchange: Exchange, connection: ExchangeConnection | null): void {
    this.#exchanges.delete(exchange);
    const at = source.waiting.indexOf(exchange);
    if (at >= 0) source.waiting.splice(at, 1);
    if (connection?.isOpen !== true) return;
    if (!this.#isKnown(source)) {
      connection.destroy();
      return;
    }
    const timer = setTimeout(() => connection.destroy(), idleConnectionMs);
    source.idle.push({ connection, timer });
    this.#startNext(source);
  }

  #startNext(source: Source): void {
    const next = source.waiting.shift();
    if (next !== undefined) this.#start(source, next);
  }

  #removeIdle(source: Source, connection: ExchangeConnection): void {
    const at = source.idle.findIndex((idle) => idle.connection === connection);
    if (at < 0) return;
    clearTimeout(source.idle[at]?.timer);
    source.idle.splice(at, 1);
  }

  #isKnown(source: Source): boolean {
    for (const known of this.#sources.values()) if (known === source) return true;
    return false;
  }

  #forget(names: readonly string[]): void {
    for (const name of names) {
      const source = this.#sources.get(name);
      this.#sources.delete(name);
      for (const { connection, timer } of source?.idle.splice(0) ?? []) {
        clearTimeout(timer);
        connection.destroy();
      }
    }
  }
}

function expectedName(servername: string | null): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  return servername === null ? { servername: '', checkServerIdentity: () => undefined } : { servername };
}

interface ExchangeHooks {
  /** Once more, over a new connection. */
  readonly again: () => void;
  /** `connection` is free, or closed; null where there was none yet. */
  readonly over: (connection: ExchangeConnection | null) => void;
}

/** One request and its answer. */
export class Exchange implements ResponseReader {
  readonly #request: string;
  readonly #reader: ResponseReader;
  readonly #hooks: ExchangeHooks;
  #connection: ExchangeConnection | null = null;
  #mayTryAgain = false;
  #isOver = false;

  constructor(request: string, reader: ResponseReader, hooks: ExchangeHooks) {
    this.#request = request;
    this.#reader = reader;
    this.#hooks = hooks;
  }

  /** For the pool. */
  startOn(connection: ExchangeConnection, wasUsedBefore: boolean): void {
    this.#connection = connection;
    this.#mayTryAgain = wasUsedBefore;
    connection.begin(this.#request, this);
  }

  isOn(connections: ReadonlySet<ExchangeConnection>): boolean {
    return this.#connection !== null && connections.has(this.#connection);
  }

  pause(): void {
    if (!this.#isOver) this.#connection?.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#connection?.resume();
  }

  /** Ends the exchange and its connection, the only way to stop the bytes; the reader is not told. */
  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.destroy();
    this.#hooks.over(this.#connection);
  }

  /** Ends it where it stands; the reader is told why. */
  breakOff(detail: string): void {
    if (this.#isOver) return;
    this.abort();
    this.#reader.failed({ errorCode: 'ENETDOWN', detail });
  }

  head(head: ResponseHead): void {
    this.#mayTryAgain = false;
    this.#reader.head(head);
  }

  body(bytes: Buffer): void {
    this.#reader.body(bytes);
  }

  ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // First the connection: what the reader asks for next may use it.
    this.#hooks.over(this.#connection);
    this.#reader.ended();
  }

  failed(failure: ExchangeFailure): void {
    if (this.#isOver) return;
    if (this.#mayTryAgain && failure.errorCode !== '') {
      // The other side closed an idle connection in the very moment of the request: one new connection is fair.
      this.#hooks.again();
      return;
    }
    this.#isOver = true;
    this.#hooks.over(this.#connection);
    this.#reader.failed(failure);
  }
}

function textOf({ remote, method, path, headers, body }: ExchangeRequest): string {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${remote.hostname}:${remote.port}\r\n`;
  for (const [name, value] of Object.entries(headers ?? {})) head += `${name}: ${value}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
