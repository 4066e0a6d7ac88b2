import path from 'node:path';
import { Credentials } from '../../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../../electron/agent-worker/block-store.ts';
import { ExchangePool } from '../../../electron/agent-worker/exchange-pool.ts';
import { requestJson } from '../../../electron/agent-worker/json-request.ts';
import { snapshotKeyOf } from '../../../electron/agent-worker/signed-snapshot.ts';
import { TransferAdapter } from '../../../electron/agent-worker/transfer-adapter.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import type { CommandId } from '../../../shared/agent/ports.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import { formatIpv4 } from '../../../shared/base/ipv4.ts';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import {
  localAddressesAt,
  makePackage,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../../support/agent-fixtures.ts';
import type { Campaign } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { startLyingPeer } from './lying-peer.ts';

const atOnce = 8;
const timeoutMs = 400;
/** Every request has a timeout; one that is not over long after it never ends. */
const overWithinMs = 20_000;
const blockCount = 4;

/** Answers that no right server gives, to our own clients: every request ends, once, and only right blocks are kept. */
export const answerCampaign: Campaign = {
  name: 'answers',
  what: 'malformed answers to our requests for blocks, maps, hellos and documents: each ends once, nothing wrong is kept',
  fullCount: 20_000,
  shareCount: 400,
  run: async ({ count, seed, progress }) => {
    const failures = new Failures();
    const kinds: Record<string, number> = {};
    const folder = await temporaryFolder();
    const authority = await TestAuthority.create();
    const made = makePackage([{ path: 'package.bin', sizeBytes: (blockCount - 1) * 65_536 + 99 }], 65_536);
    const store = new BlockStore(
      path.join(folder.path, 'packages'),
      snapshotKeyOf(authority.snapshotPublicKey),
      silentLogger,
    );
    await store.restore();
    const stored = await store.keepSnapshot(made.snapshot, authority.sign(made.snapshot));
    await stored.open();
    const peer = await startLyingPeer(authority, made, new Xoshiro128(seed));
    const credentials = new Credentials(await authority.enrol());
    const waiting = new Map<CommandId, (input: AgentInput) => void>();
    const transfers = new TransferAdapter(
      store,
      new ExchangePool(credentials, localAddressesAt('127.0.0.1')),
      (input) => {
        if (!('commandId' in input) || input.kind === 'transferProgressed') return;
        const take = waiting.get(input.commandId);
        waiting.delete(input.commandId);
        if (take === undefined) failures.add(`command ${input.commandId} ended a second time, with ${input.kind}`);
        else take(input);
      },
    );
    const pool = new ExchangePool(credentials, localAddressesAt('127.0.0.1'));
    const remote = {
      hostname: formatIpv4(peer.endpoint.address),
      port: peer.endpoint.port,
      servername: agentCertificateName(peer.endpoint.agentId),
    };
    const { key } = stored.manifest;
    let begun = 0;

    const ask = (index: number): Promise<string> => {
      const commandId = (index + 1) as CommandId;
      if (index % 4 === 3) {
        const signal = new AbortController().signal;
        const request = { remote, method: 'GET', path: '/agent/v1/configuration' } as const;
        return requestJson(pool, request, { maxAnswerBytes: 1024 * 1024, timeoutMs, signal }).then(
          ({ kind }) => `document: ${kind}`,
        );
      }
      const ended = new Promise<AgentInput>((resolve) => waiting.set(commandId, resolve));
      if (index % 4 === 0) transfers.hello({ commandId, peer: peer.endpoint, timeoutMs });
      else if (index % 4 === 1) transfers.fetchBlockMap({ commandId, key, peer: peer.endpoint, timeoutMs });
      else {
        const source = { kind: 'peer' as const, peer: peer.endpoint };
        const block = index % blockCount;
        transfers.fetchBlock({
          commandId,
          key,
          block,
          source,
          maxBytesPerSecond: Number.POSITIVE_INFINITY,
          idleTimeoutMs: timeoutMs,
        });
      }
      return ended.then((input) => input.kind);
    };
    const lane = async (): Promise<void> => {
      while (begun < count && failures.count === 0) {
        const index = begun++;
        const outcome = await within(ask(index), overWithinMs).catch((error: Error) => {
          failures.add(`request ${index}: ${error.message}`);
          return 'not over';
        });
        kinds[outcome] = (kinds[outcome] ?? 0) + 1;
        progress(begun);
      }
    };
    try {
      await Promise.all(Array.from({ length: atOnce }, lane));
      for (const [first, end] of stored.blocks.ranges()) {
        for (let block = first; block < end; block++) {
          const bytes = Buffer.alloc(stored.blockLength(block));
          await stored.read(block, 0, bytes);
          if (!bytes.equals(made.blockBytes(block))) failures.add(`block ${block} was stored with other bytes`);
        }
      }
    } catch (error) {
      failures.add(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      transfers.close();
      pool.close();
      await peer.close();
      await store.close();
      await folder.remove();
    }
    return { failures: failures.texts, figures: { requests: begun, ...kinds } };
  },
};

function within<Value>(work: Promise<Value>, milliseconds: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not over within ${milliseconds} ms`)), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
