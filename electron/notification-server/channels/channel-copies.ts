import type { AgentId } from '../../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../../shared/base/units.ts';
import type { ChannelItem } from '../../../shared/contracts/channels.ts';
import type { ChannelCopy, CopyFilter } from '../../../shared/contracts/channels-api.ts';
import type { PackageServerPlace } from '../../../shared/server/channels/channel-terms.ts';
import { isExpired, isSubscribed, PackageVersions, termsOf } from '../../../shared/server/channels/channel-terms.ts';
import { replicationOf } from '../../../shared/server/channels/replication.ts';
import { percentOf } from '../../../shared/server/channels/replication-sums.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import type { ServerParts } from '../server-parts.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';

/** Between two portions the event loop serves its sockets. */
const copiesPerTurn = 2000;

/** A Package Server that is switched on, as far as its copies are concerned. */
interface KnownPackageServer extends PackageServerPlace {
  readonly name: string;
  readonly record: AgentRecord | null;
  readonly site: StoredSite | null;
  readonly isOnline: boolean;
  readonly minuteOfWeek: number;
}

/** Visits the copy of each package of each channel on each subscribed Package Server that the filter lets through. */
export async function visitCopies(
  parts: ServerParts,
  filter: CopyFilter,
  visit: (copy: ChannelCopy) => void,
): Promise<void> {
  const { organisation, now } = parts;
  const nowMs = now();
  const versions = new PackageVersions(organisation.packages);
  const servers = packageServersOf(parts, filter.agentId, nowMs);
  let visited = 0;
  for (const channel of organisation.channels) {
    if (filter.channelId !== undefined && channel.id !== filter.channelId) continue;
    const subscribed = servers.filter((server) => isSubscribed(channel.subscribers, server));
    for (const item of channel.items) {
      if (filter.guid !== undefined && item.guid !== filter.guid) continue;
      const subject = versions.meantBy(item);
      if (filter.version !== undefined && (subject?.version ?? item.version) !== filter.version) continue;
      const name = subject?.name ?? versions.anyOf(item.guid)?.name ?? item.guid;
      for (const server of subscribed) {
        visit(copyOf({ channel, item, subject, name }, server, nowMs));
        visited++;
        if (visited % copiesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}

function copyOf(
  what: {
    readonly channel: StoredChannel;
    readonly item: ChannelItem;
    readonly subject: StoredPackage | null;
    readonly name: string;
  },
  { agentId, name, record, site, isOnline, minuteOfWeek }: KnownPackageServer,
  nowMs: number,
): ChannelCopy {
  const { channel, item, subject } = what;
  const terms = termsOf(channel, item);
  const wish = {
    terms,
    isOnline,
    isExpired: isExpired(item, nowMs),
    isWithdrawn: subject === null || subject.withdrawnAtMs !== null,
    blockCount: subject?.blockCount ?? 0,
  };
  const held = subject === null ? null : (record?.packages.get(subject.key) ?? null);
  const { state, blocks, blockCount, reason, sinceMs } = replicationOf(wish, held, { wallTimeMs: nowMs, minuteOfWeek });
  const totalSizeBytes = subject?.totalSizeBytes ?? 0;
  return {
    channelId: channel.id,
    channelName: channel.name,
    agentId,
    packageServer: name,
    online: isOnline,
    siteName: site?.name ?? null,
    guid: item.guid,
    version: subject?.version ?? item.version,
    packageName: what.name,
    state,
    percent: blockCount === 0 ? 0 : percentOf(blocks, blockCount),
    copiedBytes: Math.min(blocks * BLOCK_SIZE_BYTES, totalSizeBytes),
    totalSizeBytes,
    priority: terms.priority,
    notBeforeMs: item.notBeforeMs,
    expiresAtMs: item.expiresAtMs,
    sinceMs,
    reason,
  };
}

function packageServersOf(parts: ServerParts, only: AgentId | undefined, nowMs: number): KnownPackageServer[] {
  const { organisation, directory, feeds } = parts;
  return placesOf(parts)
    .filter(({ agentId }) => only === undefined || agentId === only)
    .map((place) => {
      const record = directory.get(place.agentId);
      const site = place.siteId === null ? null : organisation.site(place.siteId);
      return {
        ...place,
        record,
        site,
        name: record?.name ?? place.agentId,
        isOnline: feeds.isOnline(place.agentId),
        minuteOfWeek: minuteOfWeekIn(site?.timeZone ?? 'UTC', nowMs),
      };
    });
}

/** Package Servers that are switched on; one that is off keeps nothing for anybody. */
export function placesOf({ organisation, packageServers }: ServerParts): PackageServerPlace[] {
  return [...organisation.packageServers.values()]
    .filter(({ enabled }) => enabled)
    .map((server) => ({ agentId: server.agentId, siteId: packageServers.siteOf(server) }));
}
