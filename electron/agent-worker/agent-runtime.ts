import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import { SubnetDirectory } from '../../shared/agent/subnet-directory.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { Cidr } from '../../shared/base/ipv4.ts';
import { cidrContains, cidrOf, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { AgentFailure, messageOf } from './agent-failure.ts';
import type { StoredIdentity } from './agent-identity.ts';
import { Credentials, loadIdentity, saveIdentity } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import { BlockStore } from './block-store.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { ConfigurationCache } from './configuration-cache.ts';
import { ConnectionPool } from './connection-pool.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { DatagramAdapter } from './datagram-adapter.ts';
import { enrol } from './enrolment.ts';
import { FeedConnection } from './feed-connection.ts';
import { GroupKeys } from './group-keys.ts';
import { InputQueue } from './input-queue.ts';
import { normalSerial } from './peer-identity.ts';
import { PersistenceAdapter } from './persistence-adapter.ts';
import { RealClock } from './real-clock.ts';
import { SequenceReserve } from './sequence-reserve.ts';
import { ServerAdapter } from './server-adapter.ts';
import { ServerConnection } from './server-connection.ts';
import { ServerTime } from './server-time.ts';
import { ServingAdapter } from './serving-adapter.ts';
import { snapshotKeyOf } from './signed-snapshot.ts';
import { StoreAdapter } from './store-adapter.ts';
import { TransferAdapter } from './transfer-adapter.ts';

export interface AgentOptions extends WorkerAgent {
  readonly productVersion: string;
  readonly logger: AgentLogger;
  /** The agent runs no longer, once it had been running: revoked, or a mistake of the program. */
  readonly onFailure?: (failure: AgentFailure) => void;
}

export interface RunningAgent {
  readonly agentId: AgentId;
  /** TCP and UDP, now. */
  readonly port: number;
  /** Says byebye, releases claims, flushes (2 s at most), then closes everything. Idempotent. */
  stop(): Promise<void>;
  /** A broadcast that the supervisor copied, because the system delivers none. */
  receiveCopiedDatagram(bytes: Buffer, from: { readonly address: string; readonly port: number }): void;
}

/** A stop waits this long for the server to take the last events. */
const stopWithinMs = 2000;
/** An unknown group key makes an agent ask for its configuration this often at most. */
const unknownKeyEveryMs = 60_000;

/** Starts one agent: identity, store, sockets, core. Rejects with an `AgentFailure`; nothing is left open then. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const cleanUp: (() => Promise<void> | void)[] = [];
  try {
    const lock = await lockDataFolder(options.dataFolder);
    cleanUp.push(() => lock.release());
    const identity = await identityOf(options);
    const parts = await openParts(options, identity, cleanUp);
    return run(options, identity, parts, cleanUp);
  } catch (error) {
    await cleanUpInReverse(cleanUp, options.logger);
    if (error instanceof AgentFailure) throw error;
    throw new AgentFailure('internal', `The agent ${options.name} could not be started: ${messageOf(error)}`, error);
  }
}

async function identityOf(options: AgentOptions): Promise<StoredIdentity> {
  const known = await loadIdentity(options.dataFolder);
  if (known !== null) return known;
  const { joinToken, serverUrl, name } = options;
  if (joinToken === null) {
    throw new AgentFailure('join-token-invalid', `The agent ${name} is not enrolled yet and needs a join token.`);
  }
  const identity = await enrol({ serverUrl, joinToken, name, localAddress: options.interface.address });
  await saveIdentity(options.dataFolder, identity);
  return identity;
}

function interfaceOf(options: AgentOptions): AgentInterfaceAddress {
  const { name, address: text, prefixLength } = options.interface;
  const address = parseIpv4(text);
  if (address === null) throw new AgentFailure('address-not-available', `${text} is no IPv4 address.`);
  return { name, address, subnet: cidrOf(address, prefixLength), port: options.port };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** Everything that can fail because of the computer: disk first, then the ports. */
async function openParts(options: AgentOptions, identity: StoredIdentity, cleanUp: (() => Promise<void> | void)[]) {
  const { dataFolder, logger } = options;
  const bootId = randomInt(2 ** 48 - 1);
  const ownInterface = interfaceOf(options);
  const cache = await ConfigurationCache.open(dataFolder);
  const sequences = await SequenceReserve.open(dataFolder);
  cleanUp.push(() => sequences.close());
  const persistence = await PersistenceAdapter.open(dataFolder, sequences, logger);
  cleanUp.push(() => persistence.flush());
  const credentials = new Credentials(identity);
  const store = new BlockStore(path.join(dataFolder, 'packages'), snapshotKeyOf(identity.snapshotPublicKey), logger);
  const restored = await store.restore();
  cleanUp.push(() => store.close());
  const failure: { report: (failure: AgentFailure) => void } = { report: () => undefined };
  const queue = new InputQueue((error, input) => {
    logger.error({ input: input.kind, error: messageOf(error) }, 'the agent failed');
    const message = `The agent ${options.name} failed while it handled ${input.kind}: ${messageOf(error)}`;
    failure.report(new AgentFailure('internal', message, error));
  });
  cleanUp.push(() => queue.close());
  const rules = new AddressRules(ownInterface.subnet);
  const groupKeys = new GroupKeys();
  const serverTime = new ServerTime(cache.serverTimeOffsetMs);
  const hello = { agentId: identity.agentId, name: options.name.slice(0, 64), bootId };
  const serving = new ServingAdapter({
    credentials,
    address: ownInterface.address,
    store,
    self: () => hello,
    isAllowedAddress: (address) => rules.isAllowed(address),
    isRevoked: (serial) => rules.isRevoked(serial),
    push: queue.push,
    logger,
  });
  cleanUp.push(() => serving.close());
  await serving.open(ownInterface.port);
  let lastUnknownKeyMs = Number.NEGATIVE_INFINITY;
  const datagrams = new DatagramAdapter({
    agentId: identity.agentId,
    serverId: identity.serverId,
    bootId,
    interface: ownInterface,
    groupKeys,
    serverTimeMs: () => serverTime.nowMs(),
    push: queue.push,
    isOverloaded: () => queue.length > InputQueue.busyAbove,
    onUnknownGroupKey: () => {
      if (performance.now() - lastUnknownKeyMs < unknownKeyEveryMs) return;
      lastUnknownKeyMs = performance.now();
      queue.push({ kind: 'feedReceived', message: { kind: 'configuration-changed', spreadMs: 0 } });
    },
  });
  cleanUp.push(() => datagrams.close());
  const hearingPort = options.hearingPort ?? cache.configuration?.settings.port ?? defaultAgentSettings.port;
  await datagrams.open(hearingPort);
  return {
    bootId,
    ownInterface,
    cache,
    sequences,
    persistence,
    credentials,
    store,
    restored,
    failure,
    queue,
    rules,
    groupKeys,
    serverTime,
    serving,
    datagrams,
  };
}

/** Puts the core between the ports and lets it begin. Nothing here can fail for a reason outside of the program. */
function run(
  options: AgentOptions,
  identity: StoredIdentity,
  parts: Parts,
  cleanUp: (() => Promise<void> | void)[],
): RunningAgent {
  const { logger, name } = options;
  const { bootId, cache, sequences, persistence, credentials, store, queue, rules, serverTime, serving } = parts;
  let port = options.port;
  const localAddress = options.interface.address;
  const clock = new RealClock(queue.push);
  cleanUp.push(() => clock.close());
  const pool = new ConnectionPool(credentials, localAddress);
  const transfers = new TransferAdapter(store, pool, queue.push);
  cleanUp.push(() => transfers.close());
  const connection = new ServerConnection({
    serverUrl: options.serverUrl,
    credentials,
    pool,
    serverTime,
    onRejected: (failure) => parts.failure.report(failure),
  });
  cleanUp.push(() => connection.close());
  const feed = new FeedConnection({
    remote: connection.remote,
    localAddress,
    credentials,
    onConnected: () => queue.push({ kind: 'feedReceived', message: { kind: 'connected' } }),
    onMessage: (message) => queue.push({ kind: 'feedReceived', message }),
    logger,
  });
  cleanUp.push(() => feed.close());
  const renewal = new CertificateRenewal(options.dataFolder, credentials, connection, logger);
  cleanUp.push(() => renewal.close());
  const followsPolicyPort =
    options.hearingPort === null && port === (cache.configuration?.settings.port ?? defaultAgentSettings.port);
  const movePorts = async (policyPort: number): Promise<void> => {
    if (options.hearingPort === null) await parts.datagrams.hearAt(policyPort);
    if (!followsPolicyPort || policyPort === port) return;
    await parts.datagrams.moveTo(policyPort);
    serving.moveTo(policyPort);
    port = policyPort;
    queue.push({ kind: 'interfacesChanged', interfaces: [{ ...parts.ownInterface, port }] });
  };
  const onConfiguration = (configuration: AgentConfiguration): void => {
    parts.groupKeys.replace(configuration.groupKeys);
    rules.apply(configuration);
    parts.datagrams.allowSubnets(rules.additionalSubnets);
    movePorts(configuration.settings.port).catch((error: unknown) => {
      logger.error({ reason: messageOf(error) }, 'the port of the policy cannot be used, the old one stays');
    });
  };
  const server = new ServerAdapter({
    connection,
    feed,
    cache,
    store,
    snapshotKey: snapshotKeyOf(identity.snapshotPublicKey),
    serverTime,
    sequences,
    installationEpoch: identity.installationEpoch,
    onConfiguration,
    push: queue.push,
  });
  const storeAdapter = new StoreAdapter(store, queue.push);
  const agent = new Agent(
    {
      clock,
      random: new Xoshiro128(randomInt(2 ** 32)),
      datagrams: parts.datagrams,
      transfers,
      serving,
      store: storeAdapter,
      server,
      persistence,
      subnetDirectory: new SubnetDirectory(),
    },
    {
      agentId: identity.agentId,
      name: cache.configuration?.name ?? name,
      bootId,
      productVersion: options.productVersion,
      platform: `${process.platform} ${process.arch}`,
      cpuCores: availableParallelism(),
      firstEventSequence: sequences.first.events,
      firstJournalSequence: sequences.first.journal,
    },
  );
  if (cache.configuration !== null) onConfiguration(cache.configuration);
  queue.push({
    kind: 'started',
    interfaces: [parts.ownInterface],
    restored: parts.restored,
    configuration: cache.configuration,
  });
  queue.attach(agent);
  feed.open();

  let stopping: Promise<void> | null = null;
  const stopInOrder = async (): Promise<void> => {
    queue.push({ kind: 'stopRequested' });
    await within(stopWithinMs, async () => {
      // The core's last commands are given within the turn that handles the request.
      await queue.drained();
      await server.idle();
      await storeAdapter.idle();
    });
    await cleanUpInReverse(cleanUp, logger);
  };
  const stop = (): Promise<void> => {
    stopping ??= stopInOrder();
    return stopping;
  };
  parts.failure.report = (failure) => {
    if (stopping !== null) return;
    void stop().then(() => options.onFailure?.(failure));
  };
  return {
    agentId: identity.agentId,
    get port() {
      return port;
    },
    stop,
    receiveCopiedDatagram: (bytes, from) => parts.datagrams.receiveCopied(bytes, from),
  };
}

/** From which addresses and certificates an agent takes anything at all. */
class AddressRules {
  readonly #subnet: Cidr;
  #additionalSubnets: readonly Cidr[] = [];
  #revokedSerials: ReadonlySet<string> = new Set();

  constructor(subnet: Cidr) {
    this.#subnet = subnet;
  }

  get additionalSubnets(): readonly Cidr[] {
    return this.#additionalSubnets;
  }

  apply(configuration: AgentConfiguration): void {
    this.#additionalSubnets = configuration.settings.additionalSubnets.flatMap((text) => parseCidr(text) ?? []);
    this.#revokedSerials = new Set(configuration.revokedSerials.map(normalSerial));
  }

  isAllowed(address: number): boolean {
    return [this.#subnet, ...this.#additionalSubnets].some((subnet) => cidrContains(subnet, address));
  }

  isRevoked(serial: string): boolean {
    return this.#revokedSerials.has(serial);
  }
}

async function cleanUpInReverse(cleanUp: (() => Promise<void> | void)[], logger: AgentLogger): Promise<void> {
  for (const step of cleanUp.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      // One part that does not close must not keep the others open.
      logger.warn({ reason: messageOf(error) }, 'a part of the agent did not close cleanly');
    }
  }
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work(), deadline]);
  clearTimeout(timer);
}
