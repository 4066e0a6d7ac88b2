import type { ReactNode } from 'react';
import type { PenetrationReport } from '../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../app/theme.ts';
import { ChartSection } from './chart-section.tsx';
import { formatCount, formatQuantity, formatShare } from './format.ts';
import { ProgressCurve, type ProgressPoint } from './progress-curve.tsx';
import { bucketWords, rangeWords } from './report-time.ts';
import type { TableColumn } from './table-model.ts';

const timeColumn: TableColumn<ProgressPoint> = {
  id: 'at',
  header: 'Time',
  value: (point) => new Date(point.atMs).toISOString(),
  cell: (point) => bucketWords('minute', point.atMs),
  width: 160,
};

interface PenetrationChartProps {
  readonly report: PenetrationReport;
  readonly title: string;
  /** Where nothing is installed there is no line of it. */
  readonly hasInstallation?: boolean;
  /** There is nothing to draw yet. */
  readonly nothing?: ReactNode;
}

/** How many agents had got how far, over time, with the table behind it. */
export function PenetrationChart({ report, title, hasInstallation = true, nothing }: PenetrationChartProps) {
  const colours = useSeriesColours();
  const { points, agents, fromMs, toMs } = report;
  const last = points.at(-1) ?? { ready: 0, installed: 0, failed: 0 };
  // The curve goes on to the end of the time: nothing changed since.
  const drawn = [...points, { ...last, atMs: toMs }];
  const countColumn = (key: 'ready' | 'installed' | 'failed', header: string): TableColumn<ProgressPoint> => ({
    id: key,
    header,
    value: (point) => point[key],
    cell: (point) => `${formatCount(point[key])} (${formatShare(point[key], agents)})`,
    width: 110,
    isNumeric: true,
  });
  return (
    <ChartSection
      title={title}
      hint="Told by the minute; of a delivery, what came more than a day after its start by the hour. The dashed line above is everybody it is meant for now."
      words={`${rangeWords(fromMs, toMs)}: ${formatCount(last.ready)} of ${formatQuantity(agents, 'agent')} ready at the end (${formatShare(last.ready, agents)}), ${hasInstallation ? `${formatCount(last.installed)} installed, ` : ''}${formatCount(last.failed)} failed.`}
      legend={[
        { label: 'Ready', colour: colours.peer, look: 'line' },
        ...(hasInstallation ? [{ label: 'Installed', colour: colours.direct, look: 'dashed' } as const] : []),
        { label: 'Failed', colour: 'currentColor', look: 'dotted' },
      ]}
      chart={
        <ProgressCurve points={drawn} fromMs={fromMs} toMs={toMs} agents={agents} hasInstallation={hasInstallation} />
      }
      {...(nothing === undefined ? {} : { nothing })}
      noun="point"
      columns={[
        timeColumn,
        countColumn('ready', 'Ready'),
        ...(hasInstallation ? [countColumn('installed', 'Installed')] : []),
        countColumn('failed', 'Failed'),
      ]}
      rows={points}
      rowId={(point) => String(point.atMs)}
      sortedBy={{ id: 'at' }}
    />
  );
}
