import { Text } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { TrafficReport } from '../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../app/theme.ts';
import { ChartSection } from './chart-section.tsx';
import { BytesOverTime } from './charts.tsx';
import { bytesColumn } from './columns.tsx';
import { formatBytes, formatShare } from './format.ts';
import { type BytePoint, bucketNouns, bucketWords, directBytesOf, pointsOfReport, rangeWords } from './report-time.ts';
import type { TableColumn } from './table-model.ts';

export function trafficLegend(colours: { readonly direct: string; readonly peer: string }) {
  return [
    { label: 'Direct (from servers)', colour: colours.direct },
    { label: 'Peer', colour: colours.peer, look: 'hatched' },
  ] as const;
}

interface TrafficOverTimeProps {
  readonly report: TrafficReport;
  readonly title: string;
  readonly actions?: ReactNode;
}

/** What a traffic report without groups tells. */
export function TrafficOverTime({ report, title, actions }: TrafficOverTimeProps) {
  const colours = useSeriesColours();
  const { bucket, total, fromMs, toMs } = report;
  const columns: readonly TableColumn<BytePoint>[] = [
    {
      id: 'at',
      header: 'From',
      value: (point) => new Date(point.atMs).toISOString(),
      cell: (point) => bucketWords(bucket, point.atMs),
      width: 150,
    },
    bytesColumn('direct', 'Direct', (point) => point.directBytes),
    bytesColumn('peer', 'Peer', (point) => point.peerBytes),
  ];
  const [direct, peer] = [directBytesOf(total), total.peerBytes];
  return (
    <ChartSection
      title={title}
      actions={actions}
      hint="Direct: counted at the sending sockets. Peer: told by the receiving agents."
      words={`${rangeWords(fromMs, toMs, bucket)}, by ${bucketNouns[bucket]}: ${formatBytes(direct)} direct, ${formatBytes(peer)} from peers (${formatShare(peer, direct + peer)}).`}
      legend={trafficLegend(colours)}
      chart={<BytesOverTime points={pointsOfReport(report)} bucket={bucket} />}
      {...(direct + peer === 0
        ? { nothing: <Text>Nothing was delivered in this time that these filters find.</Text> }
        : {})}
      noun={bucketNouns[bucket]}
      columns={columns}
      rows={pointsOfReport(report)}
      rowId={(point) => String(point.atMs)}
      sortedBy={{ id: 'at', descending: true }}
    />
  );
}
