import { request } from 'node:https';
import path from 'node:path';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ImpairmentSwitch } from '../../electron/agent-worker/impairment-switch.ts';
import { ServingAdapter } from '../../electron/agent-worker/serving-adapter.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import { peerBlockMapSchema, peerBusySchema } from '../../shared/contracts/peer-api.ts';
import {
  freshLoopbackAddress,
  makePackage,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../support/agent-fixtures.ts';
import { CollectedInputs } from './collected-inputs.ts';
import { realTime } from './real-harness.ts';
import type { PeerAnswer } from './serving.contract.ts';
import { describeServingPort } from './serving.contract.ts';

const port = 4100;

describeServingPort('HTTPS on loopback', async () => {
  const folder = await temporaryFolder();
  const authority = await TestAuthority.create();
  // Larger than what the buffers of two sockets take, so that a peer can leave in the middle.
  const blockBytes = 8 * 1024 * 1024;
  const made = makePackage([{ path: 'package.bin', sizeBytes: 4 * blockBytes }], blockBytes);
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
  for (const block of [0, 1]) await stored.writeBlock(block, [made.blockBytes(block)]);

  const identity = await authority.enrol();
  const peerIdentity = await authority.enrol();
  const address = freshLoopbackAddress(4);
  const peerAddress = freshLoopbackAddress(4);
  const inputs = new CollectedInputs();
  const serving = new ServingAdapter({
    impairments: new ImpairmentSwitch(),
    credentials: new Credentials(identity),
    store,
    self: () => ({ agentId: identity.agentId, name: 'server', bootId: 1 }),
    isAllowedAddress: () => true,
    isRevoked: () => false,
    push: (input) => setImmediate(() => inputs.push(input)),
    httpLog: { note: () => undefined },
    logger: silentLogger,
  });
  await serving.openAt(parseIpv4(address) ?? 0, port);

  const ask = (
    requestPath: string,
    onBytes?: (leave: () => void) => void,
  ): Promise<{ status: number; body: Buffer } | null> =>
    new Promise((resolve) => {
      const outgoing = request({
        host: address,
        port,
        path: requestPath,
        agent: false,
        localAddress: peerAddress,
        servername: agentCertificateName(identity.agentId),
        ...new Credentials(peerIdentity).tlsOptions(),
      });
      outgoing.on('error', () => resolve(null));
      outgoing.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => {
          parts.push(part);
          onBytes?.(() => outgoing.destroy());
        });
        response.on('error', () => resolve(null));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      outgoing.end();
    });

  const answerOf = (answer: { status: number; body: Buffer } | null, block: number): PeerAnswer => {
    if (answer === null) return { kind: 'failed' };
    if (answer.status === 200) {
      return { kind: 'block', bytes: answer.body.length, intact: answer.body.equals(made.blockBytes(block)) };
    }
    const { code, retryAfterMs, others } = peerBusySchema.parse(JSON.parse(answer.body.toString()));
    return {
      kind: 'refused',
      code,
      retryAfterMs,
      others: others.map((other) => ({ ...other, address: parseIpv4(other.address) ?? 0 })),
    };
  };
  const blocksPath = `/peer/v1/packages/${snapshot.guid}/1.0/blocks`;
  return {
    serving,
    inputs,
    key,
    blockBytes,
    peer: { agentId: peerIdentity.agentId, address: parseIpv4(peerAddress) ?? 0, port: 1 },
    requestBlock: async (block) => answerOf(await ask(`${blocksPath}/${block}`), block),
    requestBlockMap: async () => {
      const answer = await ask(blocksPath);
      if (answer === null) return { kind: 'failed' };
      const { epoch, ranges } = peerBlockMapSchema.parse(JSON.parse(answer.body.toString()));
      const blocks = ranges.flatMap(([first, end]) => Array.from({ length: end - first }, (_, at) => first + at));
      return { kind: 'block-map', mapVersion: epoch, blocks };
    },
    requestContent: async (block) => {
      return answerOf(await ask(`/package-server/v1/packages/${snapshot.guid}/1.0/blocks/${block}`), block);
    },
    requestBlockAndLeave: async (block) => {
      await ask(`${blocksPath}/${block}`, (leave) => leave());
    },
    ...realTime(async () => {
      await serving.close();
      await store.close();
      await folder.remove();
    }),
  };
});
