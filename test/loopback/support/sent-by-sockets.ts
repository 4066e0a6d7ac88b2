import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface ServerMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** What an answer has besides its body: a status line, four headers, and what separates them. */
export const mostHeadBytes = 400;

/**
 * What the sockets of this process's HTTP servers took for answers to matching requests, heads included, by own and other address:
 * the sockets' own count, not that of the code under test.
 */
export class SentBySockets {
  readonly #stop: () => void;
  readonly #bytes = new Map<string, number>();
  readonly #answers = new Map<string, number>();

  constructor(matches: (url: string) => boolean) {
    const requests = channel('http.server.request.start');
    const begun = (message: unknown): void => {
      const { request, response, socket } = message as ServerMessage;
      if (!matches(request.url ?? '')) return;
      const way = `${socket.localAddress} ${socket.remoteAddress}`;
      let counted = socket.bytesWritten;
      const count = (): void => {
        this.#bytes.set(way, (this.#bytes.get(way) ?? 0) + socket.bytesWritten - counted);
        counted = socket.bytesWritten;
      };
      socket.on('drain', count);
      response.once('close', () => {
        count();
        socket.off('drain', count);
        this.#answers.set(way, (this.#answers.get(way) ?? 0) + 1);
      });
    };
    requests.subscribe(begun);
    this.#stop = () => requests.unsubscribe(begun);
  }

  /** From one address, to all whose address begins so. */
  bytes(from: string, toPrefix = ''): number {
    return sumOf(this.#bytes, from, toPrefix);
  }

  answers(from: string, toPrefix = ''): number {
    return sumOf(this.#answers, from, toPrefix);
  }

  stop(): void {
    this.#stop();
  }
}

function sumOf(counts: ReadonlyMap<string, number>, from: string, toPrefix: string): number {
  let sum = 0;
  for (const [way, count] of counts) if (way.startsWith(`${from} ${toPrefix}`)) sum += count;
  return sum;
}
