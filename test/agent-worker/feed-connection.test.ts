import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { FeedConnection } from '../../electron/agent-worker/feed-connection.ts';
import { LocalAddresses } from '../../electron/agent-worker/local-addresses.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { eventually, silentLogger, TestAuthority } from '../support/agent-fixtures.ts';

let server: Server | null = null;
let feed: FeedConnection | null = null;

afterEach(() => {
  feed?.close();
  server?.closeAllConnections();
  server?.close();
});

it('comes back with the TLS session of before, and with certificates after a renewal', async () => {
  const authority = await TestAuthority.create();
  const identity = await authority.enrol();
  const sessions: boolean[] = [];
  const { agentId, privateKeyPem, certificatePem, caCertificatePem } = await authority.enrol();
  server = createServer({ key: privateKeyPem, cert: certificatePem, ca: caCertificatePem, requestCert: true });
  server.on('secureConnection', (socket: TLSSocket) => sessions.push(socket.isSessionReused()));
  new WebSocketServer({ server });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const credentials = new Credentials(identity);
  let connected = 0;
  feed = new FeedConnection({
    remote: {
      hostname: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      servername: agentCertificateName(agentId),
    },
    localAddresses: new LocalAddresses(),
    credentials,
    bootId: 1,
    onConnected: () => connected++,
    onRefused: () => undefined,
    onAnotherServer: () => undefined,
    onMessage: () => undefined,
    logger: silentLogger,
  });
  feed.open();
  await eventually('the first connection', () => connected === 1);
  feed.reconnect();
  await eventually('the second connection', () => connected === 2);
  credentials.replace(await authority.enrol(identity.agentId));
  feed.reconnect();
  await eventually('the third connection', () => connected === 3);
  expect(sessions).toEqual([false, true, false]);
});
