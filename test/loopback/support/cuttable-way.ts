import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A way to a server that can be cut: a plain TCP relay, so that TLS goes through from end to end. */
export class CuttableWay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #port = 0;

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect({ host: target.hostname, port: Number(target.port) });
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  }

  static async to(targetUrl: string): Promise<CuttableWay> {
    const way = new CuttableWay(new URL(targetUrl));
    await new Promise<void>((resolve) => way.#server.listen(0, '127.0.0.1', resolve));
    const bound = way.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the way has no port');
    way.#port = bound.port;
    return way;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Connections end, and new ones are refused until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
