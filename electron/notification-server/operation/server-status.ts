import type { ServerStatus } from '../../../shared/contracts/operation-api.ts';
import { readDatabaseFacts } from '../../database/database-facts.ts';
import type { ServerParts } from '../server-parts.ts';

/** What the server is and how it does, for people; what a monitor needs is in health and metrics. */
export async function readServerStatus(parts: ServerParts): Promise<ServerStatus> {
  const { version, schemaVersion } = await readDatabaseFacts(parts.access);
  const { access, directory, feeds, eventLoop } = parts;
  return {
    productVersion: parts.productVersion,
    nodeVersion: process.versions.node,
    electronVersion: process.versions.electron ?? null,
    system: `${process.platform} ${process.arch}`,
    processId: process.pid,
    database: { kind: access.kind, version, schemaVersion },
    dataFolder: parts.dataFolder,
    uptimeSeconds: Math.round(process.uptime()),
    memoryBytes: process.memoryUsage.rss(),
    eventLoopDelay: eventLoop.recent(),
    agents: directory.size,
    agentsOnline: feeds.onlineCount,
  };
}
