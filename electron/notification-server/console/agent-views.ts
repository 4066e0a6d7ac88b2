import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentDetail, AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { PackageState } from '../../../shared/contracts/package-state.ts';
import { transfersOfAgent } from '../../database/stores/event-store.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { ListInTurns } from './json-in-turns.ts';
import { sortedInTurns } from './sorted-in-turns.ts';
import { assignedKeys, isOnDisk } from './tally.ts';

/** In falling order of what a person wants to know of first. */
const activityOrder: readonly PackageState[] = ['installing', 'downloading', 'failed', 'queued', 'ready', 'installed'];

export function agentOrRefuse(parts: ServerParts, agentId: AgentId): AgentRecord {
  const record = parts.directory.get(agentId);
  if (record === null) throw new Refusal('not-found', 'There is no such agent.');
  return record;
}

export function agentSummary(parts: ServerParts, record: AgentRecord): AgentSummary {
  const { site, subnet, policy } = parts.resolver.resolve(record);
  const assigned = assignedKeys(record, parts.resolver);
  let packagesReady = 0;
  for (const key of assigned) if (isOnDisk(record.packages.get(key)?.state)) packagesReady++;
  const states = new Set<PackageState>();
  let downloading: AgentSummary['downloading'] = null;
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const [key, { state, blocks, blockCount, atMs }] of record.packages) {
    states.add(state);
    if (state !== 'downloading' || atMs < sinceMs) continue;
    downloading = { key, blocks, blockCount };
    sinceMs = atMs;
  }
  return {
    agentId: record.agentId,
    name: record.name,
    address: record.address,
    subnet,
    siteName: site?.name ?? null,
    online: parts.feeds.isOnline(record.agentId),
    revokedAtMs: record.revokedAtMs,
    lastSeenMs: record.lastSeenMs,
    policyName: policy.name,
    productVersion: record.productVersion,
    packagesReady,
    packagesAssigned: assigned.size,
    peerBytes: parts.statistics.peerBytesOf(record.agentId),
    directBytes: parts.sent.bytesToAgent(record.agentId) + parts.statistics.packageServerBytesOf(record.agentId),
    tags: [...record.tags],
    activity: activityOrder.find((state) => states.has(state)) ?? null,
    downloading,
  };
}

/** By name, as people look for them. Each is as it was when it is sent. */
export async function agentSummaries(parts: ServerParts): Promise<ListInTurns<AgentSummary>> {
  const records = await sortedInTurns([...parts.directory.all()], (a, b) => a.name < b.name);
  return ListInTurns.of(records, (record) => agentSummary(parts, record));
}

export async function agentDetail(parts: ServerParts, record: AgentRecord): Promise<AgentDetail> {
  const { policy } = parts.resolver.resolve(record);
  const transfers = await transfersOfAgent(parts.database, record.agentId);
  const keys = new Set([...assignedKeys(record, parts.resolver), ...record.packages.keys()]);
  const packages = [...keys].flatMap((key): AgentDetail['packages'] => {
    const stored = parts.organisation.package(key);
    if (stored === null) return [];
    const progress = record.packages.get(key);
    return [
      {
        key,
        name: stored.name,
        version: stored.version,
        state: progress?.state ?? 'queued',
        blocks: progress?.blocks ?? 0,
        blockCount: progress?.blockCount ?? stored.blockCount,
        detail: progress?.detail ?? '',
        bytesBySource: transfers
          .filter((transfer) => transfer.key === key)
          .map(({ source, reason, bytes }) => ({ source, reason, bytes })),
      },
    ];
  });
  return {
    ...agentSummary(parts, record),
    enrolledAtMs: record.enrolledAtMs,
    platform: record.platform,
    cpuCores: record.cpuCores,
    interfaces: [...record.interfaces],
    policy: { id: policy.id, name: policy.name, version: policy.version },
    settings: policy.settings,
    packages,
  };
}
