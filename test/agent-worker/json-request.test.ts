import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import type { ExchangeRequest } from '../../electron/agent-worker/exchange-pool.ts';
import { ExchangePool } from '../../electron/agent-worker/exchange-pool.ts';
import { requestJson } from '../../electron/agent-worker/json-request.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { freshLoopbackAddress, localAddressesAt, TestAuthority } from '../support/agent-fixtures.ts';

describe('a request for a document', () => {
  const hostname = freshLoopbackAddress(72);
  const port = 4500;
  let pool: ExchangePool;
  let server: Server;
  let servername: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    const authority = await TestAuthority.create();
    const identity = await authority.enrol();
    servername = agentCertificateName(identity.agentId);
    pool = new ExchangePool(new Credentials(await authority.enrol()), localAddressesAt(freshLoopbackAddress(72)));
    server = createServer(new Credentials(identity).tlsOptions(), (request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen({ host: hostname, port }, resolve));
  });

  afterEach(async () => {
    pool.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (
    request: Omit<ExchangeRequest, 'remote'>,
    signal = new AbortController().signal,
    maxAnswerBytes = 1000,
  ) =>
    requestJson(
      pool,
      { remote: { hostname, port, servername }, ...request },
      { maxAnswerBytes, timeoutMs: 5000, signal },
    );

  it('carries text in any script, and headers, there and back', async () => {
    answer = (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.setHeader('etag', '"7"');
        const { name } = JSON.parse(Buffer.concat(parts).toString('utf8'));
        response.end(JSON.stringify({ name, knows: request.headers['if-none-match'] }));
      });
    };
    const body = JSON.stringify({ name: 'Büro 東京 🏢' });
    const answered = await ask({ method: 'POST', path: '/', headers: { 'if-none-match': '"6"' }, body });
    expect(answered).toMatchObject({
      kind: 'answer',
      head: { status: 200, etag: '"7"' },
      body: { name: 'Büro 東京 🏢', knows: '"6"' },
    });
  });

  it('uses its connection again after an answer without a body', async () => {
    let connections = 0;
    server.on('secureConnection', () => connections++);
    answer = (_request, response) => response.writeHead(304).end();
    for (let asked = 0; asked < 3; asked++) {
      expect(await ask({ method: 'GET', path: '/' })).toMatchObject({ head: { status: 304 }, body: null });
    }
    expect(connections).toBe(1);
  });

  it('reads no more than it may', async () => {
    answer = (_request, response) => response.end(JSON.stringify('x'.repeat(1000)));
    expect(await ask({ method: 'GET', path: '/' })).toMatchObject({ kind: 'failed', code: 'invalid-answer' });
  });

  it('is over when the agent stops, and not begun after that', async () => {
    const stopping = new AbortController();
    let asked = 0;
    answer = () => {
      asked++;
      stopping.abort();
    };
    expect(await ask({ method: 'GET', path: '/' }, stopping.signal)).toMatchObject({ code: 'aborted' });
    expect(await ask({ method: 'GET', path: '/' }, stopping.signal)).toMatchObject({ code: 'aborted' });
    expect(asked).toBe(1);
  });
});
