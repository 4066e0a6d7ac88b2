import { randomInt } from 'node:crypto';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { AddressRules } from './address-rules.ts';
import type { StoredIdentity } from './agent-identity.ts';
import { Credentials } from './agent-identity.ts';
import { AgentNetwork } from './agent-network.ts';
import type { AgentOptions } from './agent-runtime.ts';
import { BlockStore } from './block-store.ts';
import type { ClosingSteps } from './closing-steps.ts';
import { ConfigurationCache } from './configuration-cache.ts';
import { DatagramAdapter } from './datagram-adapter.ts';
import { GroupKeys } from './group-keys.ts';
import { HttpLog } from './http-log.ts';
import { ImpairmentSwitch } from './impairment-switch.ts';
import { InputQueue } from './input-queue.ts';
import { InstallationRecords } from './installation-records.ts';
import { LocalAddresses } from './local-addresses.ts';
import { readSystemAdapters } from './own-interfaces.ts';
import { PersistenceAdapter } from './persistence-adapter.ts';
import { SequenceReserve } from './sequence-reserve.ts';
import { ServerTime } from './server-time.ts';
import { ServingAdapter } from './serving-adapter.ts';
import { snapshotKeyOf } from './signed-snapshot.ts';

/** An unknown group key, or a wrong date, makes an agent ask for its configuration this often at most. */
const outdatedEveryMs = 60_000;

export type LocalParts = Awaited<ReturnType<typeof openLocalParts>>;

/** Everything of an agent that can fail because of its computer: first the disk, then the ports. */
export async function openLocalParts(
  options: AgentOptions,
  identity: StoredIdentity,
  queue: InputQueue,
  closing: ClosingSteps,
) {
  const bootId = randomInt(2 ** 48 - 1);
  const disk = await openDisk(options, identity, closing);
  const credentials = new Credentials(identity);
  const rules = new AddressRules();
  const groupKeys = new GroupKeys();
  const serverTime = new ServerTime(disk.cache.serverTimeOffsetMs);
  const hello = { agentId: identity.agentId, name: options.name, bootId };
  const impairments = new ImpairmentSwitch(options.impairments);
  const httpLog = new HttpLog(path.join(options.dataFolder, 'http-log'), options.logger);
  closing.add(() => httpLog.flush());
  const serving = new ServingAdapter({
    credentials,
    store: disk.store,
    self: () => hello,
    isAllowedAddress: (address) => rules.isAllowed(address),
    isRevoked: (peer) => rules.isRevoked(peer),
    push: queue.push,
    httpLog,
    impairments,
    logger: options.logger,
  });
  closing.add(() => serving.close());
  const datagrams = new DatagramAdapter({
    agentId: identity.agentId,
    serverId: identity.serverId,
    bootId,
    groupKeys,
    isAllowedAddress: (address) => rules.isAllowed(address),
    isRevokedAgent: (agentId) => rules.isRevokedAgent(agentId),
    snapshotKey: disk.snapshotKey,
    serverTimeMs: () => serverTime.nowMs(),
    push: queue.push,
    impairments,
    isOverloaded: () => queue.length > InputQueue.busyAbove,
    onOutdated: atMostEvery(outdatedEveryMs, () =>
      queue.push({ kind: 'feedReceived', message: { kind: 'configuration-changed', spreadMs: 0 } }),
    ),
  });
  closing.add(() => datagrams.close());
  const localAddresses = new LocalAddresses();
  const network = new AgentNetwork({
    plan: options.interface,
    port: options.port,
    hearingPort: options.hearingPort,
    policyPort: disk.cache.configuration?.settings.port ?? defaultAgentSettings.port,
    datagrams,
    serving,
    rules,
    localAddresses,
    readAdapters: options.readAdapters ?? readSystemAdapters,
    ...(options.lookEveryMs === undefined ? {} : { lookEveryMs: options.lookEveryMs }),
    push: queue.push,
    drained: () => queue.drained(),
    logger: options.logger,
  });
  closing.add(() => network.close());
  await network.open();
  return {
    ...disk,
    bootId,
    network,
    localAddresses,
    credentials,
    rules,
    groupKeys,
    serverTime,
    impairments,
    httpLog,
    serving,
    datagrams,
  };
}

async function openDisk({ dataFolder, logger }: AgentOptions, identity: StoredIdentity, closing: ClosingSteps) {
  const cache = await ConfigurationCache.open(dataFolder, logger);
  const sequences = await SequenceReserve.open(dataFolder);
  closing.add(() => sequences.close());
  const persistence = await PersistenceAdapter.open(dataFolder, sequences, logger);
  closing.add(() => persistence.flush());
  const snapshotKey = snapshotKeyOf(identity.snapshotPublicKey);
  const store = new BlockStore(path.join(dataFolder, 'packages'), snapshotKey, logger);
  closing.add(() => store.close());
  const restored = await store.restore();
  const installations = await InstallationRecords.open(dataFolder);
  return { cache, sequences, persistence, snapshotKey, store, restored, installations };
}

function atMostEvery(milliseconds: number, run: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - lastMs < milliseconds) return;
    lastMs = performance.now();
    run();
  };
}
