import type { ReplicationState } from '../../../shared/contracts/channels.ts';
import type { Channel, ChannelCopy } from '../../../shared/contracts/channels-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { formatQuantity } from '../../components/format.ts';
import { weekSpanWords } from '../settings/period-words.ts';

export const replicationWords: Record<ReplicationState, string> = {
  waiting: 'Waiting',
  'not-before': 'Not yet',
  'outside-window': 'Window closed',
  copying: 'Copying',
  complete: 'Complete',
  failed: 'Failed',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
};

/** Who keeps what is in a channel. */
export function subscriberWords(
  { subscribers, packageServers }: Channel,
  sites: readonly Pick<Site, 'id' | 'name'>[],
): string {
  const { all, siteIds, agentIds } = subscribers;
  const count = formatQuantity(packageServers, 'Package Server');
  if (all) return `Every Package Server, those that come later included: ${count} now.`;
  if (siteIds.length + agentIds.length === 0)
    return 'Nobody keeps it yet. Nothing is copied until a site or a Package Server subscribes.';
  const names = siteIds.map((id) => sites.find((site) => site.id === id)?.name ?? 'a site that is gone');
  const parts = [
    ...(names.length === 0 ? [] : [`the Package Servers of ${names.join(', ')}`]),
    ...(agentIds.length === 0 ? [] : [`${formatQuantity(agentIds.length, 'Package Server')} by name`]),
  ];
  const words = parts.join(' and ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${count} now.`;
}

export function windowWords({ windows }: Pick<Channel, 'windows'>): string {
  if (windows.length === 0) return 'At any time';
  return windows.map(weekSpanWords).join('; ');
}

export interface MatrixRow {
  readonly id: string;
  readonly name: string;
  /** By Package Server. */
  readonly copies: ReadonlyMap<string, ChannelCopy>;
}

export interface Matrix {
  readonly servers: readonly { readonly agentId: string; readonly name: string; readonly online: boolean }[];
  readonly rows: readonly MatrixRow[];
}

/** Packages by Package Servers, both by name. */
export function matrixOf(copies: readonly ChannelCopy[]): Matrix {
  const servers = new Map<string, Matrix['servers'][number]>();
  const rows = new Map<string, { id: string; name: string; copies: Map<string, ChannelCopy> }>();
  for (const copy of copies) {
    servers.set(copy.agentId, { agentId: copy.agentId, name: copy.packageServer, online: copy.online });
    const id = `${copy.guid} ${copy.version ?? ''}`;
    const row = rows.get(id) ?? { id, name: `${copy.packageName} ${copy.version ?? ''}`.trim(), copies: new Map() };
    row.copies.set(copy.agentId, copy);
    rows.set(id, row);
  }
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, 'en', { numeric: true });
  return { servers: [...servers.values()].sort(byName), rows: [...rows.values()].sort(byName) };
}
