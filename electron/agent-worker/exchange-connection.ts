import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { systemErrorCode } from './agent-failure.ts';
import type { ResponseHead } from './http-response-head.ts';
import { maxHeadBytes, parseResponseHead } from './http-response-head.ts';

/** Who takes an answer in. After `ended` or `failed` nothing comes any more. */
export interface ResponseReader {
  head(head: ResponseHead): void;
  /** Part of the body; the bytes are the reader's only during the call. A pause may take effect a few parts later. */
  body(bytes: Buffer): void;
  ended(): void;
  failed(failure: ExchangeFailure): void;
}

export interface ExchangeFailure {
  /** Of the system or of TLS, such as `ECONNREFUSED`; empty where the answer itself was wrong. */
  readonly errorCode: string;
  /** For people. */
  readonly detail: string;
}

/**
 * Where TLS puts what it has decrypted, for every connection of the process: a read is taken in before the next one
 * begins. Buffers of their own for 65,536 reads a GiB would keep the garbage collector busy with nothing else.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

const keepAliveProbeMs = 15_000;

/** One TLS connection that carries one HTTP/1.1 exchange at a time. */
export class ExchangeConnection {
  readonly #socket: TLSSocket;
  readonly #onClosed: () => void;
  #reader: ResponseReader | null = null;
  /** What is sent as soon as the other side has proved who it is. */
  #firstRequest: string | null = null;
  #isSecure = false;
  #isOpen = true;
  #isPaused = false;
  /** What has come of the head so far, where it came in parts. */
  #headPart: Buffer | null = null;
  #head: ResponseHead | null = null;
  #restBytes = 0;
  #failure: ExchangeFailure | null = null;

  /** `onSession` is given what lets the next connection to the same place begin with less work. */
  constructor(options: ConnectionOptions, onSession: (session: Buffer) => void, onClosed: () => void) {
    this.#onClosed = onClosed;
    this.#socket = connect({
      ...options,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveProbeMs,
      onread: {
        buffer: readBuffer,
        callback: (length: number) => {
          this.#onBytes(readBuffer.subarray(0, length));
          return true;
        },
      },
    } as ConnectionOptions);
    this.#socket.on('secureConnect', () => {
      this.#isSecure = true;
      if (this.#firstRequest !== null) this.#socket.write(this.#firstRequest);
      this.#firstRequest = null;
    });
    this.#socket.on('session', onSession);
    this.#socket.on('error', (error) => {
      this.#failure ??= { errorCode: systemErrorCode(error), detail: error.message };
    });
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#closed());
  }

  /** Empty until it is known. */
  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }

  /** Usable for another exchange. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** `request`: head and body as they go over the wire, in UTF-8. */
  begin(request: string, reader: ResponseReader): void {
    this.#reader = reader;
    this.#head = null;
    this.#headPart = null;
    if (this.#isSecure) this.#socket.write(request);
    else this.#firstRequest = request;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Ends the connection; a reader is not told. */
  destroy(): void {
    this.#reader = null;
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #onBytes(bytes: Buffer): void {
    if (this.#reader === null) {
      // Nobody has asked for anything.
      this.destroy();
    } else if (this.#head === null) {
      this.#readHead(bytes);
    } else {
      this.#readBody(bytes);
    }
  }

  #readHead(bytes: Buffer): void {
    const all = this.#headPart === null ? bytes : Buffer.concat([this.#headPart, bytes]);
    const result = parseResponseHead(all.length > maxHeadBytes + 4 ? all.subarray(0, maxHeadBytes + 4) : all);
    if (result.kind === 'incomplete') {
      // The bytes are gone after this call.
      this.#headPart = Buffer.from(all);
    } else if (result.kind === 'malformed') {
      this.#breakOff(`the answer is malformed: ${result.detail}`);
    } else {
      this.#headPart = null;
      this.#head = result.head;
      this.#restBytes = result.head.contentLength;
      this.#reader?.head(result.head);
      // The reader may have had enough.
      if (this.#head !== null && this.#reader !== null) this.#readBody(all.subarray(result.lengthBytes));
    }
  }

  #readBody(bytes: Buffer): void {
    if (bytes.length > this.#restBytes) {
      this.#breakOff('the answer is longer than it says');
      return;
    }
    this.#restBytes -= bytes.length;
    if (bytes.length > 0) this.#reader?.body(bytes);
    if (this.#restBytes === 0 && this.#reader !== null) this.#end();
  }

  #end(): void {
    const reader = this.#reader;
    if (this.#head?.closes === true) this.destroy();
    else this.resume();
    this.#reader = null;
    this.#head = null;
    reader?.ended();
  }

  #breakOff(detail: string): void {
    this.#failure = { errorCode: '', detail };
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #closed(): void {
    this.#isOpen = false;
    const reader = this.#reader;
    this.#reader = null;
    this.#onClosed();
    const closed = { errorCode: 'ECONNRESET', detail: 'the connection was closed before the answer was complete' };
    reader?.failed(this.#failure ?? closed);
  }
}
