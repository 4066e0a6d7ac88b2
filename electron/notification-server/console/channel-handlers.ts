import { randomUUID } from 'node:crypto';
import { assert } from '../../../shared/base/assert.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { ChannelContent, ChannelItem, ChannelSubscribers } from '../../../shared/contracts/channels.ts';
import type { Channel, ChannelCopy, CopyFilter } from '../../../shared/contracts/channels-api.ts';
import { maximumCopiesShown } from '../../../shared/contracts/channels-api.ts';
import type { PackageServerPlace } from '../../../shared/server/channels/channel-terms.ts';
import { isSubscribed, PackageVersions } from '../../../shared/server/channels/channel-terms.ts';
import type { ReplicationGrouping } from '../../../shared/server/channels/replication-sums.ts';
import { ReplicationSums } from '../../../shared/server/channels/replication-sums.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { changeChannel, channelOrRefuse, createChannel, removeChannel } from '../channels/channel-changes.ts';
import { placesOf, visitCopies } from '../channels/channel-copies.ts';
import { ManifestImports } from '../channels/manifest-imports.ts';
import { copiesAsTable, sumsAsTable } from '../channels/replication-table.ts';
import { Refusal } from '../refusal.ts';
import { agentOrRefuse } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

type ChannelRoutes =
  | 'channels'
  | 'channel'
  | 'createChannel'
  | 'updateChannel'
  | 'deleteChannel'
  | 'addChannelPackage'
  | 'removeChannelPackage'
  | 'subscribeChannel'
  | 'unsubscribeChannel'
  | 'importChannelManifest'
  | 'channelManifest'
  | 'importFolder'
  | 'channelReplication'
  | 'channelCopies'
  | 'channelReplicationTable';

/** Whoever asks how far copies are asks again soon: until then Package Servers report what they copy. */
const watchEveryMs = 1000;
const watchForMs = 15_000;
/** More report less often only to people who look at all of them at once. */
const mostWatched = 500;

/** Channels: what administrators make of them, and how far their packages have come. */
export function channelHandlers(parts: HandlerParts): Pick<ConsoleHandlers, ChannelRoutes> {
  const { organisation } = parts;
  const manifests = new ManifestImports(parts);
  const views = (channels: readonly StoredChannel[]): Channel[] => {
    const versions = new PackageVersions(organisation.packages);
    const servers = placesOf(parts);
    return channels.map((channel) => channelView(channel, versions, servers));
  };
  const shown = (id: string): Channel => {
    const [view] = views([channelOrRefuse(organisation, id)]);
    assert(view !== undefined, 'one channel has one view');
    return view;
  };

  const withSubscribers = (
    id: string,
    who: string,
    action: string,
    change: (before: ChannelSubscribers) => ChannelSubscribers,
  ) =>
    changeChannel(parts, {
      ...{ id, who, action, aspect: 'subscribers' },
      plan: (channel) => {
        const before = channel.subscribers;
        const after = change(before);
        if (JSON.stringify(before) === JSON.stringify(after)) return null;
        return { ...channel, subscribers: after };
      },
    });

  return {
    channels: () => views(organisation.channels),
    channel: ({ params: { id } }) => shown(id),

    createChannel: async ({ body, signedIn: { name: who } }) => {
      const id = randomUUID();
      await createChannel(parts, { ...body, id, version: 1, updatedAtMs: parts.now(), updatedBy: who });
      return shown(id);
    },

    updateChannel: async ({ params: { id }, body: { version, ...content }, signedIn: { name: who } }) => {
      await changeChannel(parts, {
        ...{ id, who, action: 'update-channel', aspect: 'whole' },
        plan: (before) => {
          if (before.version !== version) {
            throw new Refusal('version-conflict', 'Somebody else saved this channel since you opened it.', {
              current: shown(id),
            });
          }
          return content;
        },
      });
      return shown(id);
    },

    deleteChannel: async ({ params: { id }, signedIn: { name: who } }) => {
      await removeChannel(parts, id, who);
    },

    addChannelPackage: async ({ params: { id }, body: item, signedIn: { name: who } }) => {
      await changeChannel(parts, {
        ...{ id, who, action: 'add-channel-package', aspect: 'packages' },
        plan: (channel) => planItem(channel, item),
      });
      return shown(id);
    },

    removeChannelPackage: async ({ params: { id }, query: { guid, version = null }, signedIn: { name: who } }) => {
      await changeChannel(parts, {
        ...{ id, who, action: 'remove-channel-package', aspect: 'packages' },
        plan: (channel) => {
          const before = channel.items.find((item) => item.guid === guid && item.version === version);
          if (before === undefined) throw new Refusal('not-found', 'The channel has no such package.');
          return { ...channel, items: channel.items.filter((item) => item !== before) };
        },
      });
      return shown(id);
    },

    subscribeChannel: async ({ params: { id }, body, signedIn }) => {
      refuseNobody(body);
      await withSubscribers(id, signedIn.name, 'subscribe-channel', (before) => ({
        all: before.all || body.all,
        siteIds: [...new Set([...before.siteIds, ...body.siteIds])],
        agentIds: [...new Set([...before.agentIds, ...body.agentIds])],
      }));
      return shown(id);
    },

    unsubscribeChannel: async ({ params: { id }, body, signedIn }) => {
      refuseNobody(body);
      await withSubscribers(id, signedIn.name, 'unsubscribe-channel', (before) => ({
        all: before.all && !body.all,
        siteIds: before.siteIds.filter((siteId) => !body.siteIds.includes(siteId)),
        agentIds: before.agentIds.filter((agentId) => !body.agentIds.includes(agentId)),
      }));
      return shown(id);
    },

    importChannelManifest: ({ params: { id }, body, signedIn }) => manifests.take(id, body, signedIn.name),
    channelManifest: ({ params: { id } }) => manifests.statusOf(id),
    importFolder: () => ({ folder: parts.importFolder }),

    channelReplication: ({ query: { by = 'channel', ...filter } }) => sumsOf(parts, by, filter),

    channelCopies: async ({ query: filter }) => {
      const copies: ChannelCopy[] = [];
      let total = 0;
      await visitAsked(parts, filter, (copy) => {
        total++;
        if (copies.length < maximumCopiesShown) copies.push(copy);
      });
      return { copies, total };
    },

    channelReplicationTable: async ({ query: { by, ...filter } }) => {
      if (by !== undefined) return { csv: sumsAsTable(await sumsOf(parts, by, filter)) };
      const copies: ChannelCopy[] = [];
      await visitAsked(parts, filter, (copy) => copies.push(copy));
      return { csv: copiesAsTable(copies) };
    },
  };
}

async function sumsOf(parts: HandlerParts, by: ReplicationGrouping, filter: CopyFilter) {
  const sums = new ReplicationSums(by);
  await visitAsked(parts, filter, (copy) => sums.add(copy));
  return sums.list();
}

/** Refuses what does not exist, and lets Package Servers that are not done report how far they are. */
async function visitAsked(parts: HandlerParts, filter: CopyFilter, visit: (copy: ChannelCopy) => void): Promise<void> {
  const { organisation, feeds } = parts;
  if (filter.channelId !== undefined) channelOrRefuse(organisation, filter.channelId);
  if (filter.agentId !== undefined) agentOrRefuse(parts, filter.agentId);
  const unfinished = new Set<AgentId>();
  await visitCopies(parts, filter, (copy) => {
    if (copy.online && ['waiting', 'copying', 'failed'].includes(copy.state)) unfinished.add(copy.agentId);
    visit(copy);
  });
  for (const agentId of [...unfinished].slice(0, mostWatched)) {
    feeds.send(agentId, { kind: 'watch', report: 'live', everyMs: watchEveryMs, forMs: watchForMs });
  }
}

/** A package that is there already gets other terms. */
function planItem(channel: StoredChannel, item: ChannelItem): ChannelContent | null {
  const before = channel.items.find(({ guid, version }) => guid === item.guid && version === item.version) ?? null;
  if (before !== null && JSON.stringify(before) === JSON.stringify(item)) return null;
  const items = before === null ? [...channel.items, item] : channel.items.map((of) => (of === before ? item : of));
  return { ...channel, items };
}

function channelView(
  channel: StoredChannel,
  versions: PackageVersions<StoredPackage>,
  servers: readonly PackageServerPlace[],
): Channel {
  return {
    ...channel,
    items: channel.items.map((item) => {
      const meant = versions.meantBy(item);
      const isLeft = meant !== null && meant.withdrawnAtMs === null;
      const { name, totalSizeBytes } = meant ?? versions.anyOf(item.guid) ?? { name: '', totalSizeBytes: 0 };
      return { ...item, packageName: name, meansVersion: isLeft ? meant.version : null, totalSizeBytes };
    }),
    packageServers: servers.filter((server) => isSubscribed(channel.subscribers, server)).length,
  };
}

function refuseNobody({ all, siteIds, agentIds }: ChannelSubscribers): void {
  if (all || siteIds.length + agentIds.length > 0) return;
  const message = 'Name at least one site or Package Server, or all.';
  throw new Refusal('invalid-request', message, { fields: [{ path: 'siteIds', message }] });
}
