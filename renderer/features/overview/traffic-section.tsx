import { Tab, TabList } from '@fluentui/react-components';
import { type ReactNode, useMemo, useState } from 'react';
import type { Overview } from '../../../shared/contracts/console-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { formatClockTime, formatRate } from '../../components/format.ts';
import type { TableColumn } from '../../components/table-model.ts';
import { trafficLegend } from '../../components/traffic-over-time.tsx';
import { type RatePoint, rateSeries } from '../../stores/traffic-series.ts';
import { ReportedTraffic } from './reported-traffic.tsx';
import { TrafficChart } from './traffic-chart.tsx';

interface LiveRange {
  readonly id: string;
  readonly label: string;
  readonly windowSeconds: number;
  readonly stepSeconds: number;
}
const quarter: LiveRange = { id: '15', label: '15 minutes', windowSeconds: 900, stepSeconds: 5 };
const liveRanges: readonly LiveRange[] = [{ id: '2', label: '2 minutes', windowSeconds: 120, stepSeconds: 1 }, quarter];
/** Longer ones are not live: the report route tells them. */
const reportedRanges = [
  { id: '24h', label: '24 hours', hours: 24 },
  { id: '28d', label: '28 days', hours: 28 * 24 },
] as const;

const columns: readonly TableColumn<RatePoint>[] = [
  {
    id: 'at',
    header: 'From',
    value: (point) => new Date(point.atMs).toISOString(),
    cell: (point) => formatClockTime(point.atMs),
    width: 100,
  },
  rateColumn('direct', 'Direct', (point) => point.directBytesPerSecond),
  rateColumn('peer', 'Peer', (point) => point.peerBytesPerSecond),
];

function rateColumn(id: string, header: string, rate: (point: RatePoint) => number): TableColumn<RatePoint> {
  return { id, header, value: rate, cell: (point) => formatRate(rate(point)), width: 100, isNumeric: true };
}

export function TrafficSection({ overview }: { overview: Overview }) {
  const [rangeId, setRangeId] = useState(quarter.id);
  const reported = reportedRanges.find(({ id }) => id === rangeId);
  const tabs = (
    <TabList
      size="small"
      aria-label="Time range"
      selectedValue={rangeId}
      onTabSelect={(_event, data) => setRangeId(String(data.value))}
    >
      {[...liveRanges, ...reportedRanges].map(({ id, label }) => (
        <Tab key={id} value={id}>
          {label}
        </Tab>
      ))}
    </TabList>
  );
  if (reported !== undefined) return <ReportedTraffic key={reported.id} hours={reported.hours} tabs={tabs} />;
  return <LiveTraffic overview={overview} range={liveRanges.find(({ id }) => id === rangeId) ?? quarter} tabs={tabs} />;
}

interface LiveTrafficProps {
  readonly overview: Overview;
  readonly range: LiveRange;
  readonly tabs: ReactNode;
}

function LiveTraffic({ overview, range, tabs }: LiveTrafficProps) {
  const colours = useSeriesColours();
  const series = useMemo(
    () => rateSeries(overview.traffic, overview.atMs, range.windowSeconds, range.stepSeconds),
    [overview, range],
  );
  const last = overview.traffic.at(-1);
  const isQuiet = series.every((point) => point.directBytesPerSecond === 0 && point.peerBytesPerSecond === 0);
  const [direct, peer] = trafficLegend(colours);
  return (
    <ChartSection
      title="Direct and peer traffic"
      hint="Bytes per second that reached agents. Direct: counted at the sending sockets. Peer: told by the receiving agents."
      words={
        isQuiet
          ? `Nothing was delivered in the last ${range.label}.`
          : `The last ${range.label}, means of ${range.stepSeconds} s.`
      }
      actions={tabs}
      legend={[
        { ...direct, now: formatRate(last?.directBytes ?? 0) },
        { ...peer, now: formatRate(last?.peerBytes ?? 0) },
      ]}
      chart={
        <TrafficChart series={series} endMs={overview.atMs} windowSeconds={range.windowSeconds} colours={colours} />
      }
      noun="row"
      columns={columns}
      rows={series}
      rowId={(point) => String(point.atMs)}
      sortedBy={{ id: 'at', descending: true }}
    />
  );
}
