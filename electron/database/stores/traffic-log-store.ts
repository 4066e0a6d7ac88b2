import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import { journalReasonSchema, sourceKindSchema } from '../../../shared/contracts/journal.ts';
import type { TrafficEntry } from '../../../shared/contracts/statistics.ts';
import type { Executor } from './executor.ts';

/**
 * What was counted, until it is in the buckets. An entry is written in the transaction that stores where it comes from, and
 * removed in the one that adds it to buckets: it is counted once, whatever happens between.
 */
export interface LoggedEntry extends TrafficEntry {
  readonly entryId: number;
}

const rowsPerStatement = 50;

export async function appendTraffic(executor: Executor, entries: readonly TrafficEntry[]): Promise<void> {
  for (let first = 0; first < entries.length; first += rowsPerStatement) {
    const rows = entries.slice(first, first + rowsPerStatement).map((entry) => ({
      at_ms: entry.atMs,
      agent_id: entry.agentId,
      site_id: entry.siteId ?? '',
      subnet: entry.subnet,
      policy_id: entry.policyId,
      package_key: entry.key,
      source: entry.source,
      reason: entry.reason,
      is_fill: entry.isFill ? 1 : 0,
      bytes: entry.bytes,
    }));
    await executor.insertInto('traffic_log').values(rows).executeTakeFirst();
  }
}

/** The oldest. */
export async function readTrafficLog(executor: Executor, limit: number): Promise<LoggedEntry[]> {
  const rows = await executor.selectFrom('traffic_log').selectAll().orderBy('entry_id').limit(limit).execute();
  return rows.map((row) => ({
    entryId: row.entry_id,
    atMs: row.at_ms,
    agentId: row.agent_id as AgentId,
    siteId: row.site_id === '' ? null : row.site_id,
    subnet: row.subnet,
    policyId: row.policy_id,
    key: row.package_key as PackageKey,
    source: sourceKindSchema.parse(row.source),
    reason: row.reason === null ? null : journalReasonSchema.parse(row.reason),
    isFill: row.is_fill === 1,
    bytes: row.bytes,
  }));
}

/** Throws where one of them is not there: whoever has removed it has counted it. */
export async function removeTraffic(executor: Executor, entries: readonly LoggedEntry[]): Promise<void> {
  const ids = entries.map(({ entryId }) => entryId);
  const { numDeletedRows } = await executor.deleteFrom('traffic_log').where('entry_id', 'in', ids).executeTakeFirst();
  if (Number(numDeletedRows) !== ids.length)
    throw new Error('Entries of the traffic log were counted by somebody else.');
}
