import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ExchangePool } from '../../electron/agent-worker/exchange-pool.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import { TransferAdapter } from '../../electron/agent-worker/transfer-adapter.ts';
import type { PeerEndpoint } from '../../shared/agent/ports.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { formatIpv4, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { PeerBusy } from '../../shared/contracts/peer-api.ts';
import {
  freshLoopbackAddress,
  localAddressesAt,
  makePackage,
  randomId,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../support/agent-fixtures.ts';
import { CollectedInputs } from './collected-inputs.ts';
import { realTime } from './real-harness.ts';
import { describeTransferPort } from './transfers.contract.ts';

type Answer = (block: number, response: ServerResponse) => void;

describeTransferPort('HTTPS on loopback', async () => {
  const folder = await temporaryFolder();
  const authority = await TestAuthority.create();
  const made = makePackage([{ path: 'package.bin', sizeBytes: 3 * 262_144 + 999 }], 262_144);
  const { snapshot } = made;
  const key = packageKeyOf(snapshot.guid, snapshot.version);
  const store = new BlockStore(
    path.join(folder.path, 'packages'),
    snapshotKeyOf(authority.snapshotPublicKey),
    silentLogger,
  );
  await store.restore();
  const stored = await store.keepSnapshot(snapshot, authority.sign(snapshot));
  await stored.open();
  const closers: (() => Promise<void>)[] = [];
  const stalled: (() => void)[] = [];

  /** A peer that answers as told, with a certificate of the authority. */
  const startPeer = async (answer: Answer): Promise<PeerEndpoint> => {
    const identity = await authority.enrol();
    const { key: privateKey, ...options } = new Credentials(identity).tlsOptions();
    const server = createServer({ key: privateKey, ...options, requestCert: true }, (request, response) => {
      const { url = '' } = request;
      const block = /\/blocks\/(\d+)$/.exec(url)?.[1];
      if (url === '/peer/v1/hello') {
        response.end(JSON.stringify({ agentId: identity.agentId, name: 'holder', bootId: 77 }));
      } else if (url === `/peer/v1/packages/${snapshot.guid}/1.0/blocks`) {
        response.end(JSON.stringify({ epoch: 5, blockCount: 4, ranges: [[0, 4]] }));
      } else if (block !== undefined) {
        answer(Number(block), response);
      } else {
        response.writeHead(404).end();
      }
    });
    const address = freshLoopbackAddress(3);
    await new Promise<void>((resolve) => server.listen({ host: address, port: 0 }, resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the peer does not listen');
    return { agentId: identity.agentId, address: parseIpv4(address) ?? 0, port: bound.port };
  };

  const send = (response: ServerResponse, bytes: Buffer): void => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(bytes);
  };
  const refuse = (response: ServerResponse, status: number, body: PeerBusy): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  const holder = await startPeer((block, response) => send(response, made.blockBytes(block)));
  const corrupt = await startPeer((block, response) => {
    const bytes = Buffer.from(made.blockBytes(block));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    send(response, bytes);
  });
  const empty = await startPeer((_block, response) =>
    refuse(response, 404, { code: 'not-available', retryAfterMs: 0, others: [] }),
  );
  const busy = await startPeer((_block, response) =>
    refuse(response, 503, {
      code: 'busy',
      retryAfterMs: 1500,
      others: [{ ...holder, address: formatIpv4(holder.address) }],
    }),
  );
  const stalling = await startPeer((block, response) => {
    const bytes = made.blockBytes(block);
    const half = Math.ceil(bytes.length / 2) + 1;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, half));
    stalled.push(() => response.end(bytes.subarray(half)));
  });
  const absentAddress = parseIpv4(freshLoopbackAddress(3)) ?? 0;

  const inputs = new CollectedInputs();
  const credentials = new Credentials(await authority.enrol());
  const transfers = new TransferAdapter(
    store,
    new ExchangePool(credentials, localAddressesAt(freshLoopbackAddress(3))),
    (input) => setImmediate(() => inputs.push(input)),
  );
  return {
    transfers,
    inputs,
    key,
    blockCount: 4,
    blockBytes: 262_144,
    holder,
    corrupt,
    empty,
    busy,
    impostor: { ...holder, agentId: randomId() as AgentId },
    absent: { agentId: randomId() as AgentId, address: absentAddress, port: 4000 },
    stalling,
    release: () => {
      for (const finish of stalled) finish();
    },
    storedBlocks: () =>
      stored.blocks.ranges().flatMap(([first, end]) => Array.from({ length: end - first }, (_, at) => first + at)),
    ...realTime(async () => {
      transfers.close();
      for (const close of closers) await close();
      await store.close();
      await folder.remove();
    }),
  };
});
