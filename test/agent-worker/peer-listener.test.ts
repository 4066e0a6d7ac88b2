import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { PeerListener } from '../../electron/agent-worker/peer-listener.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { eventually, freshLoopbackAddress, TestAuthority } from '../support/agent-fixtures.ts';

class CountedCredentials extends Credentials {
  listeners = 0;

  override onChange(listener: () => void) {
    const stop = super.onChange(listener);
    this.listeners++;
    return () => {
      this.listeners--;
      stop();
    };
  }
}

const port = 28_000 + (process.pid % 1000);

describe('the HTTP server for peers', () => {
  let authority: TestAuthority;
  let listener: PeerListener;
  let address: string;
  let onRequest: (request: IncomingMessage) => void;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    authority = await TestAuthority.create();
    address = freshLoopbackAddress(60);
    const identity = await authority.enrol();
    onRequest = () => undefined;
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      onRequest(request);
      response.end('hello');
    };
    listener = new PeerListener(new Credentials(identity), answer, { handshakeTimeoutMs: 500 });
    listener.setBounds({ isOpenToUnknown: false, maxConnections: 4, requestTimeoutMs: 300 });
    await listener.open(address, port);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listener.close();
  });

  const peer = async (): Promise<Socket> => {
    const { privateKeyPem, certificatePem, caCertificatePem, agentId } = await authority.enrol();
    const socket = connect({
      host: address,
      port,
      key: privateKeyPem,
      cert: certificatePem,
      ca: caCertificatePem,
      servername: agentCertificateName(agentId),
      checkServerIdentity: () => undefined,
    });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    return socket;
  };

  it('goes on where the system could not take a connection', async () => {
    const server = await new Promise<EventEmitter>((resolve) => {
      onRequest = ({ socket }) => resolve((socket as unknown as { readonly server: EventEmitter }).server);
      void peer().then((socket) => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    });
    const emitTwice = () => [1, 2].map(() => server.emit('error', new Error('accept EMFILE')));
    expect(emitTwice).not.toThrow();
  });

  it('leaves nothing behind with its credentials where it is closed, or could not be opened', async () => {
    const credentials = new CountedCredentials(await authority.enrol());
    const first = new PeerListener(credentials, () => undefined);
    await first.open(freshLoopbackAddress(60), port);
    expect(credentials.listeners).toBe(1);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(new PeerListener(credentials, () => undefined).open(address, port)).rejects.toThrow('is used by');
    }
    expect(credentials.listeners).toBe(1);
    await first.close();
    expect(credentials.listeners).toBe(0);
  });

  it('ends a request that comes a byte at a time within seconds of the request timeout', async () => {
    const slow = await peer();
    slow.resume();
    slow.write('GET /');
    const timer = setInterval(() => slow.write('a'), 100);
    await eventually('the slow request is ended', () => slow.closed, 8000);
    clearInterval(timer);
  }, 15_000);

  it('ends connections that never say who they are, so that their places are free again', async () => {
    const silent = Array.from({ length: 16 }, () => connectTcp({ host: address, port }));
    sockets.push(...silent);
    for (const socket of silent) socket.on('error', () => undefined).resume();
    await eventually('the silent connections are ended', () => silent.every(({ closed }) => closed), 4000);
    const asking = await peer();
    let answer = '';
    asking.on('data', (bytes) => {
      answer += String(bytes);
    });
    asking.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually('a peer is answered', () => answer !== '');
    expect(answer).toContain('200 OK');
  });
});
