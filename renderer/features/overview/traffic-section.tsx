import { Button, makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { DataAreaRegular, TableRegular } from '@fluentui/react-icons';
import { type ReactNode, useMemo, useState } from 'react';
import type { Overview } from '../../../shared/contracts/console-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatClockTime, formatRate } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { SeriesSwatch } from '../../components/series-swatch.tsx';
import type { TableColumn } from '../../components/table-model.ts';
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
  { id: 'at', header: 'From', value: (point) => point.atMs, cell: (point) => formatClockTime(point.atMs), width: 100 },
  rateColumn('direct', 'Direct', (point) => point.directBytesPerSecond),
  rateColumn('peer', 'Peer', (point) => point.peerBytesPerSecond),
];

function rateColumn(id: string, header: string, rate: (point: RatePoint) => number): TableColumn<RatePoint> {
  return { id, header, value: rate, cell: (point) => formatRate(rate(point)), width: 100, isNumeric: true };
}

const useStyles = makeStyles({
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 24px' },
  entry: { display: 'inline-flex', alignItems: 'center', columnGap: '8px', fontVariantNumeric: 'tabular-nums' },
  rate: { fontWeight: tokens.fontWeightSemibold, minWidth: '84px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

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
  const styles = useStyles();
  const colours = useSeriesColours();
  const [isTable, setIsTable] = useState(false);
  const series = useMemo(
    () => rateSeries(overview.traffic, overview.atMs, range.windowSeconds, range.stepSeconds),
    [overview, range],
  );
  const last = overview.traffic.at(-1);
  const isQuiet = series.every((point) => point.directBytesPerSecond === 0 && point.peerBytesPerSecond === 0);
  return (
    <Section
      title="Direct and peer traffic"
      hint={`Bytes per second that reached agents, means of ${range.stepSeconds} s. Direct: counted at the sending sockets. Peer: told by the receiving agents.`}
      actions={
        <>
          {tabs}
          <Button
            size="small"
            appearance="subtle"
            icon={isTable ? <DataAreaRegular /> : <TableRegular />}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? 'Show chart' : 'Show table'}
          </Button>
        </>
      }
    >
      <div className={styles.legend}>
        <span className={styles.entry}>
          <SeriesSwatch kind="direct" colours={colours} /> Direct (from servers)
          <span className={styles.rate}>{formatRate(last?.directBytes ?? 0)}</span>
        </span>
        <span className={styles.entry}>
          <SeriesSwatch kind="peer" colours={colours} /> Peer
          <span className={styles.rate}>{formatRate(last?.peerBytes ?? 0)}</span>
        </span>
        {isQuiet && <Text className={styles.quiet}>Nothing was delivered in this time.</Text>}
      </div>
      {isTable ? (
        <DataTable
          label="Traffic"
          noun="row"
          columns={columns}
          rows={series}
          rowId={(point) => String(point.atMs)}
          sortedBy={{ id: 'at', descending: true }}
          hasTools={false}
          maxHeightPx={260}
          empty="No figures yet."
        />
      ) : (
        <TrafficChart series={series} endMs={overview.atMs} windowSeconds={range.windowSeconds} colours={colours} />
      )}
    </Section>
  );
}
