import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal } from './refusal.ts';

/** So long the answer has to arrive; what comes meanwhile is read and dropped, because bytes left unread would take it along. */
const lingerMs = 1000;

/**
 * What never becomes a request: whatever Node's parser refuses, and what does not come in time. It is answered in the form of
 * all refusals, and its connection ends. Nothing is kept of it and nothing is logged, because anybody can send it.
 */
export class BrokenRequests {
  readonly #answers = new WeakMap<Socket, Set<ServerResponse>>();
  readonly #refused = new WeakSet<Socket>();

  /** For Fastify's option `clientErrorHandler`. */
  readonly onClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
    // What follows a broken request is broken as well, to a parser that has lost its place.
    if (this.#refused.has(socket)) return;
    if (!socket.writable || this.#isAnswering(socket)) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
    const { status, body } = answerOf(refusalOf(error.code));
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
    for (const [name, value] of Object.entries(headersOf(body))) head.push(`${name}: ${value}`);
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };

  /** To be called once, before the server listens. */
  follow(server: Server): void {
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const answers = this.#answers.get(socket) ?? new Set();
      this.#answers.set(socket, answers.add(response));
      response.once('close', () => answers.delete(response));
    });
    server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      const sentence = 'The server does nothing of what the header "Expect" asks.';
      const { status, body } = answerOf(new Refusal('invalid-request', sentence, { status: 417 }));
      response.writeHead(status, headersOf(body)).end(body);
    });
  }

  /** Then a second answer would land in the middle of the first. */
  #isAnswering(socket: Socket): boolean {
    const answers = [...(this.#answers.get(socket) ?? [])];
    return answers.some(({ headersSent, writableEnded }) => headersSent && !writableEnded);
  }
}

/** https://nodejs.org/api/http.html#event-clienterror */
function refusalOf(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal('too-large', 'The address and the headers of a request have 16 KiB at most.', { status: 431 });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Refusal('too-large', 'The chunks of the body have extensions that are too long.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('invalid-request', 'The request did not come in the time that it has.', { status: 408 });
    default:
      return new Refusal('invalid-request', 'This is no request as HTTP/1.1 has them.');
  }
}

function answerOf({ status, details }: Refusal): { readonly status: number; readonly body: string } {
  return { status, body: JSON.stringify({ error: details }) };
}

function headersOf(body: string): Record<string, string | number> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
}
