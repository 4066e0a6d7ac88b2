import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { BrokenRequests } from '../../electron/notification-server/broken-requests.ts';
import type { ApiErrorCode } from '../../shared/contracts/errors.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

let place: ServerPlace;
beforeAll(async () => {
  place = await ServerPlace.start();
});
afterAll(() => place.stop());

const listeners = {
  'the listener of agents': () => connectTls({ ...at(place.server.agentUrl), rejectUnauthorized: false }),
  'the console': () => connectPlain(at(place.server.consoleUrl)),
};

function at(url: string): { readonly host: string; readonly port: number } {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

/** Everything that comes until the other side ends the connection. */
function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve, reject) => {
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
  });
}

/** Answers one after another, each with its length. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [line = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    expect(line).toMatch(/^HTTP\/1\.1 \d{3} /);
    const headers = Object.fromEntries(
      lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]),
    );
    const bodyEnd = headEnd + 4 + Number(headers['content-length']);
    answers.push({ status: Number(line.split(' ')[1]), headers, body: rest.slice(headEnd + 4, bodyEnd) });
    rest = rest.slice(bodyEnd);
  }
  return answers;
}

async function answersTo(open: () => Socket, text: string | Buffer): Promise<RawAnswer[]> {
  const socket = open();
  const read = readToEnd(socket);
  socket.write(text);
  const answers = answersIn(await read);
  socket.destroy();
  return answers;
}

function expectRefusal(answer: RawAnswer | undefined, status: number, code: ApiErrorCode): void {
  expect(answer?.status).toBe(status);
  expect(answer?.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  const { error } = apiErrorSchema.parse(JSON.parse(answer?.body ?? ''));
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(/^[A-Z].*\.$/)]);
}

const host = 'Host: localhost\r\n';
const broken: [string, string | Buffer, number, ApiErrorCode][] = [
  ['headers of 20 KB', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'too-large'],
  ['an address of 200 KB', `GET /${'x'.repeat(200_000)} HTTP/1.1\r\n${host}\r\n`, 431, 'too-large'],
  ['a line that is no request', 'HELLO WORLD\r\n\r\n', 400, 'invalid-request'],
  ['another version', `GET / HTTP/9.9\r\n${host}\r\n`, 400, 'invalid-request'],
  [
    'bytes of something else',
    Buffer.from(Array.from({ length: 512 }, (_byte, index) => (index * 7 + 128) & 255)),
    400,
    'invalid-request',
  ],
  ['a header without a colon', `GET / HTTP/1.1\r\n${host}what\r\n\r\n`, 400, 'invalid-request'],
  ['a zero in a header', `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, 400, 'invalid-request'],
  ['two lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'invalid-request'],
  [
    'a length and chunks',
    `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
    'invalid-request',
  ],
  ['an expectation', `GET / HTTP/1.1\r\n${host}Expect: a-miracle\r\nConnection: close\r\n\r\n`, 417, 'invalid-request'],
];

describe.each(Object.entries(listeners))('%s', (_name, open) => {
  test.each(broken)(
    'answers %s as it refuses everything else, and ends the connection',
    async (_what, text, ...told) => {
      const answers = await answersTo(open, text);
      expect(answers).toHaveLength(1);
      expectRefusal(answers[0], ...told);
    },
  );

  it('refuses a request that names no host', async () => {
    const [answer] = await answersTo(open, 'GET /api/v1/session HTTP/1.1\r\nConnection: close\r\n\r\n');
    expectRefusal(answer, 400, 'invalid-request');
  });

  it('answers what was a request before it', async () => {
    const socket = open();
    const read = readToEnd(socket);
    let isFirst = true;
    socket.on('data', () => {
      if (isFirst) socket.write('and now for something else\r\n\r\n');
      isFirst = false;
    });
    socket.write('GET /nothing HTTP/1.1\r\nHost: elsewhere\r\n\r\n');
    const [first, second, ...further] = answersIn(await read);
    expect(apiErrorSchema.parse(JSON.parse(first?.body ?? '')).error.code).toMatch(/not-enrolled|forbidden-host/);
    expectRefusal(second, 400, 'invalid-request');
    expect(further).toEqual([]);
  });

  it('says it once to who goes on, and outlives who leaves at once', async () => {
    const answers = await answersTo(open, `${'x'.repeat(40_000)}\r\n\r\n`.repeat(20));
    expect(answers).toHaveLength(1);
    for (let count = 0; count < 20; count++) {
      const socket = open();
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.write('NO\r\n\r\n', resolve));
      socket.destroy();
    }
    const [answer] = await answersTo(open, 'GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n');
    expectRefusal(answer, 400, 'invalid-request');
  });
});

describe('a server that is told of broken requests', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    const requests = new BrokenRequests();
    const options = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 };
    server = createServer(options, (request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      // The rest never comes.
      response.write('the beginning');
      request.resume();
    });
    server.on('clientError', requests.onClientError);
    requests.follow(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const open = (): Socket => connectPlain({ host: '127.0.0.1', port });

  it('says that a request did not come in time', async () => {
    const [answer] = await answersTo(open, 'GET / HTTP/1.1\r\nHost: here\r\nX: and');
    expectRefusal(answer, 408, 'invalid-request');
  });

  it('ends the connection without a word in the middle of an answer', async () => {
    const socket = open();
    let text = '';
    const over = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
      if (text.endsWith('the beginning')) socket.write('and now for something else\r\n\r\n');
    });
    socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    await over;
    expect(text).toMatch(/the beginning$/);
  });
});
