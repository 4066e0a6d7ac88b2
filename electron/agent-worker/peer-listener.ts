import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { bindFailure } from './agent-failure.ts';
import type { Credentials } from './agent-identity.ts';

/** Ours have four lines. */
const maxHeaderBytes = 8192;
/** How exactly the request timeout is kept. */
const timeoutCheckEveryMs = 1000;
/** A peer comes back for the next block within seconds; a connection that idles longer is in others' way. */
const keepAliveTimeoutMs = 30_000;
/** Who has not proved by then who it is holds a place of one that could. */
const defaultHandshakeTimeoutMs = 10_000;
/** So long a peer that comes back needs no certificates: a handshake costs both sides less, and who it is stays proved. */
const tlsSessionSeconds = 24 * 60 * 60;

/** Of those without a certificate: links are for a computer that is being set up now and then, not for crowds. */
const maxUnknownConnections = 256;

export interface ListenerBounds {
  /** Who has no certificate of an agent may connect as well: a request says what gives it a right. */
  readonly isOpenToUnknown: boolean;
  readonly maxConnections: number;
  readonly requestTimeoutMs: number;
}

/**
 * Connections above the policy's number are let in to be told "busy, ask those" and to be probed: a refused connection
 * would look like a computer that is gone. Beyond this multiple they are refused all the same.
 */
const surplusFactor = 4;

/** Connections over all addresses of an agent, whose policy bounds them together. */
export interface OpenConnections {
  count: number;
}

export interface ListenerManner {
  readonly open?: OpenConnections;
  readonly handshakeTimeoutMs?: number;
  /** Somebody pulled the cable: nobody gets in. */
  readonly isUnplugged?: () => boolean;
}

/** HTTPS server for peers at one address: mutual TLS 1.3 only (see `isOpenToUnknown`), bounded in connections and time. Can be closed and opened again. */
export class PeerListener {
  readonly #credentials: Credentials;
  readonly #onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #open: OpenConnections;
  readonly #handshakeTimeoutMs: number;
  readonly #isUnplugged: () => boolean;
  #server: Server | null = null;
  #stopRenewing: () => void = () => undefined;
  /** Connections that came when the policy's number was reached: they carry no blocks. */
  readonly #surplus = new WeakSet<Socket>();
  /** Those whose handshake is over. */
  readonly #connections = new Set<TLSSocket>();
  #unknownConnections = 0;
  #bounds: ListenerBounds = { isOpenToUnknown: false, maxConnections: 20, requestTimeoutMs: 30_000 };

  constructor(
    credentials: Credentials,
    onRequest: (request: IncomingMessage, response: ServerResponse) => void,
    {
      open = { count: 0 },
      handshakeTimeoutMs = defaultHandshakeTimeoutMs,
      isUnplugged = () => false,
    }: ListenerManner = {},
  ) {
    this.#credentials = credentials;
    this.#open = open;
    this.#onRequest = onRequest;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.#isUnplugged = isUnplugged;
  }

  get isOpen(): boolean {
    return this.#server !== null;
  }

  setBounds(bounds: ListenerBounds): void {
    this.#bounds = bounds;
    if (this.#server !== null) this.#applyBounds(this.#server);
  }

  /** Rejects with an `AgentFailure` where the port is taken. */
  async open(address: string, port: number): Promise<void> {
    const server = createServer(
      {
        ...this.#credentials.tlsOptions(),
        requestCert: true,
        rejectUnauthorized: !this.#bounds.isOpenToUnknown,
        keepAliveTimeout: keepAliveTimeoutMs,
        maxHeaderSize: maxHeaderBytes,
        connectionsCheckingInterval: timeoutCheckEveryMs,
        handshakeTimeout: this.#handshakeTimeoutMs,
        sessionTimeout: tlsSessionSeconds,
      },
      this.#onRequest,
    );
    this.#applyBounds(server);
    this.#boundConnections(server);
    // A handshake without a valid certificate ends here; the TLS layer has refused it already.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(bindFailure(error, address, port)));
      server.listen({ host: address, port, exclusive: true }, resolve);
    });
    // What the system could not accept, for want of files, concerns one connection.
    server.on('error', () => undefined);
    this.#server = server;
    this.#stopRenewing = this.#credentials.onChange(() => server.setSecureContext(this.#credentials.tlsOptions()));
  }

  /** Ends every connection, also those in use. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    this.#stopRenewing();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Ends those that the condition is true of, also in the middle of an answer. */
  dropConnections(isToBeDropped: (socket: TLSSocket) => boolean): void {
    for (const socket of [...this.#connections]) if (isToBeDropped(socket)) socket.destroy();
  }

  /** Whether blocks may travel over this connection. */
  isSurplus(socket: Socket): boolean {
    return this.#surplus.has(socket);
  }

  #boundConnections(server: Server): void {
    const open = this.#open;
    server.on('connection', (socket: Socket) => {
      open.count++;
      socket.once('close', () => open.count--);
      // Connections that only wait for a next request make room first.
      if (open.count > this.#bounds.maxConnections) server.closeIdleConnections();
      if (this.#isUnplugged() || open.count > this.#bounds.maxConnections * surplusFactor) socket.destroy();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      if (this.#isUnplugged()) socket.destroy();
      if (!socket.authorized && !this.#admitUnknown(socket)) return;
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
      if (open.count > this.#bounds.maxConnections) this.#surplus.add(socket);
    });
  }

  #admitUnknown(socket: TLSSocket): boolean {
    if (!this.#bounds.isOpenToUnknown || this.#unknownConnections >= maxUnknownConnections) {
      socket.destroy();
      return false;
    }
    this.#unknownConnections++;
    socket.once('close', () => this.#unknownConnections--);
    return true;
  }

  #applyBounds(server: Server): void {
    const { requestTimeoutMs } = this.#bounds;
    server.headersTimeout = requestTimeoutMs;
    server.requestTimeout = requestTimeoutMs;
    // A peer that takes no bytes for so long.
    server.timeout = requestTimeoutMs;
  }
}
