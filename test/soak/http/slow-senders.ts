import { performance } from 'node:perf_hooks';
import { connectAs } from './attacks.ts';
import type { HttpSubject } from './http-subject.ts';
import { openTcp } from './raw-connection.ts';

const byteEveryMs = 500;

interface SlowConnection {
  readonly what: string;
  write(byte: string): void;
  destroy(): void;
  onClose(run: () => void): void;
}

const kinds = ['head', 'body', 'handshake'] as const;

/** Connections that say nothing, or a request a byte at a time without an end: the listener has to end each of them. */
export class SlowSenders {
  readonly #subject: HttpSubject;
  readonly #open = new Map<SlowConnection, number>();
  readonly #onFailure: (text: string) => void;
  #isStopping = false;
  #ended = 0;
  #longestMs = 0;

  constructor(subject: HttpSubject, onFailure: (text: string) => void) {
    this.#subject = subject;
    this.#onFailure = onFailure;
  }

  get figures(): Record<string, number> {
    return { slowConnectionsEnded: this.#ended, longestSlowSeconds: Math.round(this.#longestMs / 1000) };
  }

  async start(ofEachKind: number): Promise<void> {
    const wanted = kinds.flatMap((kind) => Array.from({ length: ofEachKind }, () => kind));
    await Promise.all(wanted.map((kind) => this.#startOne(kind)));
  }

  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const [connection, sinceMs] of this.#open) {
      this.#note(connection, performance.now() - sinceMs);
      connection.destroy();
    }
  }

  async #startOne(kind: (typeof kinds)[number]): Promise<void> {
    const connection = await this.#connect(kind);
    if (this.#isStopping) {
      connection.destroy();
      return;
    }
    const sinceMs = performance.now();
    this.#open.set(connection, sinceMs);
    const timer = setInterval(() => connection.write('a'), byteEveryMs);
    connection.onClose(() => {
      clearInterval(timer);
      this.#open.delete(connection);
      if (this.#isStopping) return;
      this.#ended++;
      this.#note(connection, performance.now() - sinceMs);
      // Not at once: a listener that is gone would be asked in a tight loop.
      setTimeout(() => void this.#startOne(kind), byteEveryMs);
    });
  }

  async #connect(kind: (typeof kinds)[number]): Promise<SlowConnection> {
    const { address, port, localAddress, enrolled, postPaths } = this.#subject;
    if (kind === 'handshake') {
      const tcp = await openTcp(address, port, localAddress);
      tcp.resume();
      tcp.once('end', () => tcp.destroy());
      return {
        what: kind,
        write: () => undefined,
        destroy: () => tcp.destroy(),
        onClose: (run) => tcp.once('close', run),
      };
    }
    const { tls } = await connectAs(this.#subject, enrolled);
    tls.resume();
    tls.write(kind === 'head' ? 'GET /' : `POST ${postPaths[0]} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n`);
    return {
      what: kind,
      write: (byte) => tls.write(byte),
      destroy: () => tls.destroy(),
      onClose: (run) => (tls.destroyed ? run() : tls.once('close', run)),
    };
  }

  #note({ what }: SlowConnection, lastedMs: number): void {
    this.#longestMs = Math.max(this.#longestMs, lastedMs);
    const { slowWithinMs } = this.#subject;
    if (lastedMs > slowWithinMs) this.#onFailure(`a slow ${what} had a connection for ${Math.round(lastedMs)} ms`);
  }
}
