import { formatCsv } from '../../../shared/base/csv.ts';
import { replicationStates } from '../../../shared/contracts/channels.ts';
import type { ChannelCopy, ReplicationSum } from '../../../shared/contracts/channels-api.ts';

/** Replication as tables that spreadsheets read. */

const copyColumns = [
  'channel',
  'packageServer',
  'site',
  'package',
  'version',
  'guid',
  'state',
  'percent',
  'copiedBytes',
  'totalSizeBytes',
  'notBefore',
  'expires',
  'since',
  'reason',
] as const;

export function copiesAsTable(copies: readonly ChannelCopy[]): string {
  return formatCsv(
    copyColumns,
    copies.map((copy) => [
      copy.channelName,
      copy.packageServer,
      copy.siteName ?? '',
      copy.packageName,
      copy.version ?? '',
      copy.guid,
      copy.state,
      copy.percent,
      copy.copiedBytes,
      copy.totalSizeBytes,
      momentText(copy.notBeforeMs),
      momentText(copy.expiresAtMs),
      momentText(copy.sinceMs),
      copy.reason,
    ]),
  );
}

export function sumsAsTable(sums: readonly ReplicationSum[]): string {
  return formatCsv(
    ['name', 'id', 'copies', 'percent', 'copiedBytes', 'totalBytes', ...replicationStates],
    sums.map((sum) => [
      sum.name,
      sum.id,
      sum.copies,
      sum.percent,
      sum.copiedBytes,
      sum.totalBytes,
      ...replicationStates.map((state) => sum.states[state]),
    ]),
  );
}

function momentText(atMs: number | null): string {
  return atMs === null ? '' : new Date(atMs).toISOString();
}
