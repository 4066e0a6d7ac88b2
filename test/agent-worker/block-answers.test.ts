import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ExchangePool } from '../../electron/agent-worker/exchange-pool.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import { TransferAdapter } from '../../electron/agent-worker/transfer-adapter.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { PeerEndpoint } from '../../shared/agent/ports.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import {
  eventually,
  freshLoopbackAddress,
  localAddressesAt,
  makePackage,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../support/agent-fixtures.ts';

const blockBytes = 100_000;

describe('what a source may answer', () => {
  const made = makePackage([{ path: 'package.bin', sizeBytes: 4 * blockBytes }], blockBytes);
  const { snapshot } = made;
  const key = packageKeyOf(snapshot.guid, snapshot.version);
  const closers: (() => Promise<void> | void)[] = [];
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let transfers: TransferAdapter;
  let pool: ExchangePool;
  let inputs: AgentInput[];
  let nextCommand = 1;

  beforeEach(async () => {
    folder = await temporaryFolder();
    authority = await TestAuthority.create();
    const packages = path.join(folder.path, 'packages');
    const store = new BlockStore(packages, snapshotKeyOf(authority.snapshotPublicKey), silentLogger);
    await store.restore();
    const stored = await store.keepSnapshot(snapshot, authority.sign(snapshot));
    await stored.open();
    inputs = [];
    pool = new ExchangePool(new Credentials(await authority.enrol()), localAddressesAt(freshLoopbackAddress(70)));
    transfers = new TransferAdapter(store, pool, (input) => inputs.push(input));
    closers.push(
      () => store.close(),
      () => transfers.close(),
    );
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await folder.remove();
  });

  /** A peer that says something to every request, however many bytes that arrive it takes for one. */
  const startPeer = async (answer: (socket: TLSSocket, request: number) => void): Promise<PeerEndpoint> => {
    const identity = await authority.enrol();
    const sockets = new Set<TLSSocket>();
    let requests = 0;
    const server = createTlsServer({ ...new Credentials(identity).tlsOptions(), requestCert: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => answer(socket, ++requests));
    });
    const address = freshLoopbackAddress(70);
    await new Promise<void>((resolve) => server.listen({ host: address, port: 0 }, resolve));
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return {
      agentId: identity.agentId,
      address: parseIpv4(address) ?? 0,
      port: (server.address() as AddressInfo).port,
    };
  };

  const fetchBlock = async (peer: PeerEndpoint, block: number): Promise<AgentInput> => {
    const commandId = nextCommand++;
    const limits = { maxBytesPerSecond: Number.POSITIVE_INFINITY, idleTimeoutMs: 3000 };
    transfers.fetchBlock({ commandId, key, block, source: { kind: 'peer', peer }, ...limits });
    const isEnd = (input: AgentInput): boolean =>
      (input.kind === 'blockStored' || input.kind === 'transferFailed') && input.commandId === commandId;
    await eventually('the fetch ends', () => inputs.some(isEnd));
    expect(inputs.filter(isEnd)).toHaveLength(1);
    return inputs.find(isEnd) as AgentInput;
  };

  const okHead = `HTTP/1.1 200 OK\r\ncontent-length: ${blockBytes}\r\n\r\n`;
  const refused = { kind: 'transferFailed', failure: { code: 'refused' } };

  it.each([
    ['what is not HTTP', 'hello\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}`],
    ['a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['a body without a length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['a length that is not that of the block', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['an interim answer', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['a refusal that is too long', 'HTTP/1.1 500 Internal\r\ncontent-length: 100000\r\n\r\n'],
    ['a refusal that is no JSON', 'HTTP/1.1 500 Internal\r\ncontent-length: 5\r\n\r\n<html'],
  ])('%s is a refusal', async (_name, text) => {
    const peer = await startPeer((socket) => socket.write(text, 'latin1'));
    expect(await fetchBlock(peer, 0)).toMatchObject(refused);
    // The agent lives, and asks again over another connection.
    expect(await fetchBlock(peer, 1)).toMatchObject(refused);
  });

  it('more bytes than announced, and fewer before the end, are refusals', async () => {
    const longer = await startPeer((socket) => {
      socket.write(okHead);
      socket.write(Buffer.concat([made.blockBytes(0), Buffer.from('more')]));
    });
    expect(await fetchBlock(longer, 0)).toMatchObject(refused);
    const shorter = await startPeer((socket) => {
      socket.write(okHead);
      socket.end(made.blockBytes(0).subarray(1));
    });
    expect(await fetchBlock(shorter, 0)).toMatchObject({ ...refused, receivedBytes: blockBytes - 1 });
  });

  it('an answer in single bytes is the same answer', async () => {
    const peer = await startPeer((socket) => {
      for (const byte of Buffer.from(okHead)) socket.write(Buffer.of(byte));
      socket.write(made.blockBytes(2));
    });
    expect(await fetchBlock(peer, 2)).toMatchObject({ kind: 'blockStored', bytes: blockBytes });
  });

  it('bytes that nobody asked for end their connection, and the next block comes over another', async () => {
    let connections = new Set<TLSSocket>();
    const peer = await startPeer((socket, request) => {
      connections = connections.add(socket);
      socket.write(okHead);
      socket.write(made.blockBytes(request - 1), () => {
        if (request === 1) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 20);
      });
    });
    expect(await fetchBlock(peer, 0)).toMatchObject({ kind: 'blockStored' });
    await eventually('the connection is closed', () => [...connections].every(({ destroyed }) => destroyed));
    expect(await fetchBlock(peer, 1)).toMatchObject({ kind: 'blockStored' });
    expect(connections.size).toBe(2);
  });

  it('a kept connection that closes in the moment of the request is tried anew once', async () => {
    const blockOf = [0, -1, 1];
    const peer = await startPeer((socket, request) => {
      const block = blockOf[request - 1] ?? -1;
      if (block < 0) socket.destroy();
      else socket.write(Buffer.concat([Buffer.from(okHead), made.blockBytes(block)]));
    });
    expect(await fetchBlock(peer, 0)).toMatchObject({ kind: 'blockStored' });
    expect(await fetchBlock(peer, 1)).toMatchObject({ kind: 'blockStored' });
    // A new connection that closes is the peer's answer.
    const closing = await startPeer((socket) => socket.destroy());
    expect(await fetchBlock(closing, 2)).toMatchObject(refused);
  });

  it('nothing is asked while communication is forbidden, and what is under way ends', async () => {
    let requests = 0;
    const peer = await startPeer((socket) => {
      requests++;
      socket.write(okHead);
    });
    const underWay = fetchBlock(peer, 0);
    await eventually('it is asked', () => requests === 1);
    pool.setClosed('not now');
    expect(await underWay).toMatchObject(refused);
    expect(await fetchBlock(peer, 1)).toMatchObject(refused);
    expect(requests).toBe(1);
    pool.setClosed(null);
    const again = fetchBlock(peer, 2);
    await eventually('it is asked again', () => requests === 2);
    pool.setClosed('not now');
    expect(await again).toMatchObject(refused);
  });

  it('blocks come one after the other over the same connection', async () => {
    const identity = await authority.enrol();
    let connections = 0;
    const { key: privateKey, ...options } = new Credentials(identity).tlsOptions();
    const server = createServer({ key: privateKey, ...options, requestCert: true }, (request, response) => {
      const bytes = made.blockBytes(Number(request.url?.split('/').at(-1)));
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    });
    server.on('secureConnection', () => connections++);
    const address = freshLoopbackAddress(70);
    await new Promise<void>((resolve) => server.listen({ host: address, port: 0 }, resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const peer = { agentId: identity.agentId, address: parseIpv4(address) ?? 0, port };
    for (const block of [0, 1, 2, 3]) expect(await fetchBlock(peer, block)).toMatchObject({ kind: 'blockStored' });
    expect(connections).toBe(1);
  });
});
