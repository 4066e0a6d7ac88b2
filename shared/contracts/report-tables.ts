import type { ConsoleRouteName, RouteAnswer } from './console-routes.ts';
import type { reportRoutes, SavingsReport } from './reports-api.ts';

export type ReportName = keyof typeof reportRoutes & ConsoleRouteName;

/** Reports as rows, for CSV and terminals. Times are milliseconds since 1970 in columns that end with `Ms`. */
export interface ReportTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

const byteColumns = [
  'notificationServerBytes',
  'ownPackageServerBytes',
  'foreignPackageServerBytes',
  'peerBytes',
  'fillBytes',
] as const;

/** What a spreadsheet gets: a row for each point, so that it can make its own sums. */
export const reportTables: { readonly [Name in ReportName]: (report: RouteAnswer<Name>) => ReportTable } = {
  trafficReport: ({ groupBy, groups }) => ({
    columns: [groupBy, 'name', 'atMs', ...byteColumns],
    rows: groups.flatMap(({ id, name, points }) =>
      points.map((point) => [id, name, point.atMs, ...byteColumns.map((column) => point[column])]),
    ),
  }),
  savingsReport: (report) => ({
    columns: [report.groupBy, 'name', 'wouldCrossBytes', 'crossedBytes', 'savedBytes'],
    rows: report.rows.map(savingsRow),
  }),
  wanCopiesReport: ({ rows }) => ({
    columns: [
      ...['siteId', 'siteName', 'subnet', 'key', 'packageName', 'version', 'totalSizeBytes', 'wanBytes'],
      ...['excusedBytes', 'copies'],
    ],
    rows: rows.map((row) => [
      ...[row.siteId ?? '', row.siteName ?? '', row.subnet ?? '', row.key, row.packageName, row.version],
      ...[row.totalSizeBytes, row.wanBytes, row.excusedBytes, row.copies],
    ]),
  }),
  firstDownloadersReport: ({ rows }) => ({
    columns: [
      ...['key', 'packageName', 'version', 'subnet', 'siteName', 'epoch', 'agentId', 'agentName', 'claimedAtMs'],
      ...['endedAtMs', 'end', 'directBytes', 'peerBytes'],
    ],
    rows: rows.map((row) => [
      ...[row.key, row.packageName, row.version, row.subnet, row.siteName ?? '', row.epoch, row.agentId],
      ...[row.agentName, row.claimedAtMs, row.endedAtMs ?? '', row.end ?? '', row.directBytes, row.peerBytes],
    ]),
  }),
  directReasonsReport: ({ groupBy, rows }) => ({
    columns: [groupBy, 'name', 'source', 'reason', 'bytes'],
    rows: rows.map(({ id, name, source, reason, bytes }) => [id, name, source, reason, bytes]),
  }),
  penetrationReport: ({ points }) => ({
    columns: ['atMs', 'ready', 'installed', 'failed'],
    rows: points.map(({ atMs, ready, installed, failed }) => [atMs, ready, installed, failed]),
  }),
};

function savingsRow(row: SavingsReport['rows'][number]): (string | number)[] {
  return [row.id, row.name, row.wouldCrossBytes, row.crossedBytes, row.savedBytes];
}
