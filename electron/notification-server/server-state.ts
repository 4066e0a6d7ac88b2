import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { LinkLoads } from '../../shared/server/link-loads.ts';
import type { TrafficWorld } from '../../shared/server/statistics/traffic-entry.ts';
import { sentEntryOf } from '../../shared/server/statistics/traffic-entry.ts';
import type { Database } from '../database/database.ts';
import type { DatabaseAccess, DatabaseLocation } from '../database/database-access.ts';
import { openDatabaseAccess } from '../database/database-access.ts';
import { DatabaseRefusedError } from '../database/database-errors.ts';
import type { PostgresAddress } from '../database/postgres/postgres-address.ts';
import { loadTransferSums } from '../database/stores/event-store.ts';
import { loadSentBytes } from '../database/stores/sent-bytes-store.ts';
import { WriteBatcher } from '../database/write-batcher.ts';
import { AgentDirectory } from './agents/agent-directory.ts';
import { Resolver } from './agents/resolution.ts';
import { ChannelRoles } from './channels/channel-roles.ts';
import type { ClosingStack } from './closing-stack.ts';
import { DeliveryDesk } from './deliveries/delivery-desk.ts';
import { prepareServer, refuseForeignIdentity } from './first-start.ts';
import { ServerIdentity } from './identity/server-identity.ts';
import { Organisation } from './organisation.ts';
import { PackageServers } from './package-servers/package-servers.ts';
import { PackageLibrary } from './packages/package-library.ts';
import { StartError } from './start-error.ts';
import { StatisticsKeeper } from './statistics/statistics-keeper.ts';
import { trafficWorld } from './statistics/traffic-world.ts';
import { PackageServerBytes } from './traffic/package-server-bytes.ts';
import { SentBytesLedger } from './traffic/sent-bytes-ledger.ts';
import { TrafficStatistics } from './traffic/traffic-statistics.ts';

/** What the server knows, before anybody can connect. */
export interface ServerState {
  readonly dataFolder: string;
  readonly access: DatabaseAccess;
  /** For reading; what changes goes through `writes`. */
  readonly database: Database;
  readonly writes: WriteBatcher;
  readonly identity: ServerIdentity;
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly packageServers: PackageServers;
  readonly channelRoles: ChannelRoles;
  readonly deliveries: DeliveryDesk;
  readonly statistics: TrafficStatistics;
  readonly traffic: TrafficWorld;
  /** What was counted, by time. */
  readonly buckets: StatisticsKeeper;
  readonly sent: SentBytesLedger;
  readonly packageServerBytes: PackageServerBytes;
  readonly linkLoads: LinkLoads;
  readonly library: PackageLibrary;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Opens, and on the first start creates, everything in the data folder, which the caller has locked. */
export async function openServerState(
  dataFolder: string,
  postgres: PostgresAddress | null,
  logger: Logger,
  closing: ClosingStack,
): Promise<ServerState> {
  const now = () => Date.now();
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const access = await openOrRefuse(postgres === null ? { file: path.join(dataFolder, 'fanout.db') } : { postgres });
  closing.add('the database', () => access.close());
  const { database } = access;
  const writes = new WriteBatcher(access.writer);
  closing.add('waiting writes', () => writes.flush());
  const serverId = await prepareServer(writes, now());
  const identity = await ServerIdentity.open(dataFolder, serverId, now());
  await refuseForeignIdentity(writes, identity);
  const organisation = new Organisation(database, now);
  await organisation.loadAll();
  const directory = await AgentDirectory.load(database);
  closing.add('when agents were seen', () => directory.writeSeen(writes));
  const resolver = new Resolver(organisation);
  const deliveries = new DeliveryDesk({ database, writes, organisation, directory, resolver, now });
  await deliveries.start();
  const statistics = new TrafficStatistics(await loadTransferSums(database), now());
  const channelRoles = new ChannelRoles(organisation, now);
  const packageServers = new PackageServers({ organisation, directory, resolver, identity, channelRoles });
  const traffic = trafficWorld({ organisation, directory, resolver, packageServers });
  const linkLoads = new LinkLoads();
  const sent = new SentBytesLedger(
    await loadSentBytes(database),
    (bytes, siteId) => {
      statistics.directSent(bytes, now());
      if (siteId !== null) linkLoads.sent(siteId, bytes, now());
    },
    (portions) => portions.map((portion) => sentEntryOf(portion, traffic, now())),
  );
  const buckets = new StatisticsKeeper(database, writes, now);
  // What a crash left in the log is in the buckets before anybody looks.
  await buckets.fold();
  const keys = organisation.packages.map(({ key }) => key);
  const packageServerBytes = await PackageServerBytes.load(database, keys);
  closing.add('counted bytes', () => sent.writeTo(writes));
  const library = await PackageLibrary.open(dataFolder, new Set(organisation.packages.map((stored) => stored.key)));
  return {
    dataFolder,
    access,
    database,
    writes,
    identity,
    organisation,
    directory,
    resolver,
    packageServers,
    channelRoles,
    deliveries,
    statistics,
    traffic,
    buckets,
    packageServerBytes,
    linkLoads,
    sent,
    library,
    logger,
    now,
  };
}

async function openOrRefuse(location: DatabaseLocation): Promise<DatabaseAccess> {
  try {
    return await openDatabaseAccess(location);
  } catch (error) {
    if (!(error instanceof DatabaseRefusedError)) throw error;
    throw new StartError(`database-${error.code}`, error.message, { cause: error });
  }
}
