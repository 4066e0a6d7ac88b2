import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import type { AgentFailure } from './agent-failure.ts';
import type { AgentOptions } from './agent-runtime.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import type { ClosingSteps } from './closing-steps.ts';
import { CommunicationSwitch } from './communication-switch.ts';
import { CopyVerifier } from './copy-verifier.ts';
import { ExchangePool } from './exchange-pool.ts';
import { FeedConnection } from './feed-connection.ts';
import type { InputQueue } from './input-queue.ts';
import type { LocalParts } from './local-parts.ts';
import { ServerAdapter } from './server-adapter.ts';
import { ServerConnection } from './server-connection.ts';
import { TransferAdapter } from './transfer-adapter.ts';

export interface RemoteParts {
  readonly transfers: TransferAdapter;
  readonly server: ServerAdapter;
  readonly communication: CommunicationSwitch;
}

export interface RemoteHooks {
  /** Before the core hears of it. */
  readonly onConfiguration: (configuration: AgentConfiguration) => void;
  readonly onRejected: (failure: AgentFailure) => void;
}

/** The ways out of the computer: to peers, and to the Notification Server. Nothing here can fail at the start. */
export function openRemoteParts(
  options: AgentOptions,
  local: LocalParts,
  queue: InputQueue,
  closing: ClosingSteps,
  hooks: RemoteHooks,
): RemoteParts {
  const { bootId, credentials, serverTime, store, cache, sequences, snapshotKey, datagrams, httpLog } = local;
  const { localAddresses, network, impairments } = local;
  // Connections of their own for the server's interface: no document waits for a block that its site's limit holds up.
  const documents = new ExchangePool(credentials, localAddresses);
  closing.add(() => documents.close());
  const content = new ExchangePool(credentials, localAddresses);
  const transfers = new TransferAdapter(store, content, queue.push, impairments.receiving);
  closing.add(() => transfers.close());
  const { serverUrl, logger, dataFolder } = options;
  const connection = new ServerConnection({
    serverUrl,
    bootId,
    credentials,
    pool: documents,
    serverTime,
    logger,
    onRejected: hooks.onRejected,
  });
  closing.add(() => connection.close());
  const feed = new FeedConnection({
    remote: connection.remote,
    localAddresses,
    credentials,
    bootId,
    onConnected: () => {
      connection.noteServer(false);
      queue.push({ kind: 'feedReceived', message: { kind: 'connected' } });
    },
    onAnotherServer: () => connection.noteServer(true),
    onRefused: () => queue.push({ kind: 'feedReceived', message: { kind: 'configuration-changed', spreadMs: 0 } }),
    onMessage: (message) => {
      if (message.kind === 'verify-copy') verifier.verify(message.requestId, message.key);
      else queue.push({ kind: 'feedReceived', message });
    },
    logger,
  });
  closing.add(() => feed.close());
  const verifier = new CopyVerifier(store, (message) => feed.send(message));
  closing.add(() => verifier.close());
  const pools = [documents, content];
  network.onGone((addresses) => {
    for (const pool of pools) pool.dropFrom(addresses);
    feed.reconnect();
  });
  const renewal = new CertificateRenewal(dataFolder, credentials, connection, serverTime, logger);
  closing.add(() => renewal.close());
  const server = new ServerAdapter({
    connection,
    feed,
    httpLog,
    cache,
    store,
    snapshotKey,
    serverTime,
    sequences,
    installationEpoch: credentials.identity.installationEpoch,
    onConfiguration: hooks.onConfiguration,
    push: queue.push,
  });
  const communication = new CommunicationSwitch({ datagrams, pools, feed, renewal, impairments, logger });
  return { transfers, server, communication };
}
