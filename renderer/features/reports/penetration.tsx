import { Field, Link, makeStyles, Select, Text } from '@fluentui/react-components';
import type { DeliveryFailure } from '../../../shared/contracts/deliveries.ts';
import type { PenetrationReport } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount, formatExactTime, formatQuantity, formatShare } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { bucketWords, rangeWords } from '../../components/report-time.ts';
import type { TableColumn } from '../../components/table-model.ts';
import { navigate } from '../../stores/route-store.ts';
import { ProgressCurve, type ProgressPoint } from './progress-curve.tsx';
import { reportPath } from './report-address.ts';
import { ReportAnswer } from './report-answer.tsx';
import { reportTitles } from './report-words.ts';
import { type ReportProps, useReport } from './use-report.ts';

const useStyles = makeStyles({
  choice: { maxWidth: '460px' },
  failures: { margin: 0, paddingLeft: '20px' },
});

/** How many agents had a package, or did what a delivery asks, over time. */
export function Penetration({ address, known }: ReportProps) {
  const styles = useStyles();
  const deliveries = useTopic('deliveries') ?? [];
  const { key, deliveryId } = address.filters;
  const isChosen = key !== undefined || deliveryId !== undefined;
  // Both in one address would be refused: the delivery says more.
  const asked = deliveryId === undefined ? address : { ...address, filters: { deliveryId } };
  const answer = useReport('penetrationReport', asked, {}, isChosen);
  const choose = (value: string) => {
    const [kind, id] = [value.slice(0, 1), value.slice(2)];
    const filters = value === '' ? {} : kind === 'd' ? { deliveryId: id } : { key: id };
    navigate(reportPath({ ...address, filters }));
  };
  const value = deliveryId !== undefined ? `d ${deliveryId}` : key !== undefined ? `p ${key}` : '';
  return (
    <>
      <Field label="Package or delivery" className={styles.choice}>
        <Select value={value} onChange={(_event, data) => choose(data.value)}>
          <option value="">Choose…</option>
          <optgroup label="Packages">
            {known.packages.map((each) => (
              <option key={each.key} value={`p ${each.key}`}>
                {each.name} {each.version}
              </option>
            ))}
          </optgroup>
          <optgroup label="Deliveries">
            {deliveries.map((each) => (
              <option key={each.id} value={`d ${each.id}`}>
                {each.packageName}, {formatExactTime(each.createdAtMs)}
              </option>
            ))}
          </optgroup>
        </Select>
      </Field>
      {isChosen ? (
        <ReportAnswer answer={answer} address={address} title={reportTitles.penetration}>
          {(report) => <PenetrationChart report={report} />}
        </ReportAnswer>
      ) : (
        <EmptyState
          title="Choose a package or a delivery"
          {...(known.packages.length === 0 ? { action: <Link href="#/packages">Import a package</Link> } : {})}
        >
          This report shows how fast it spread: how many computers had it, installed it or failed, over time.
        </EmptyState>
      )}
    </>
  );
}

const columns: readonly TableColumn<ProgressPoint>[] = [
  {
    id: 'at',
    header: 'Time',
    value: (point) => new Date(point.atMs).toISOString(),
    cell: (point) => bucketWords('minute', point.atMs),
    width: 160,
  },
  countColumn('ready', 'Ready', (point) => point.ready),
  countColumn('installed', 'Installed', (point) => point.installed),
  countColumn('failed', 'Failed', (point) => point.failed),
];

function countColumn(id: string, header: string, count: (point: ProgressPoint) => number): TableColumn<ProgressPoint> {
  return { id, header, value: count, cell: (point) => formatCount(count(point)), width: 90, isNumeric: true };
}

function PenetrationChart({ report }: { report: PenetrationReport }) {
  const styles = useStyles();
  const colours = useSeriesColours();
  const { points, agents, fromMs, toMs, failures } = report;
  const last = points.at(-1) ?? { ready: 0, installed: 0, failed: 0 };
  // The curve goes on to the end of the time: nothing changed since.
  const drawn = [...points, { ...last, atMs: toMs }];
  const thing = `${report.packageName} ${report.version}${report.deliveryId === null ? '' : ' (delivery)'}`;
  return (
    <>
      <ChartSection
        title={`Penetration of ${thing}`}
        hint="Told by the minute; of a delivery, what came more than a day after its start by the hour. The dashed line above is everybody it is meant for now."
        words={`${rangeWords(fromMs, toMs)}: ${formatCount(last.ready)} of ${formatQuantity(agents, 'agent')} ready at the end (${formatShare(last.ready, agents)}), ${formatCount(last.installed)} installed, ${formatCount(last.failed)} failed.`}
        legend={[
          { label: 'Ready', colour: colours.peer, look: 'line' },
          { label: 'Installed', colour: colours.direct, look: 'dashed' },
          { label: 'Failed', colour: 'currentColor', look: 'dotted' },
        ]}
        chart={<ProgressCurve points={drawn} fromMs={fromMs} toMs={toMs} agents={agents} />}
        noun="point"
        columns={columns}
        rows={points}
        rowId={(point) => String(point.atMs)}
        sortedBy={{ id: 'at' }}
      />
      {failures.length > 0 && (
        <ul className={styles.failures} aria-label="Why agents failed">
          {failures.map(({ reason, agents: failed }) => (
            <li key={reason}>
              <Text>
                {formatQuantity(failed, 'agent')}: {failureWords[reason]}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const failureWords: Readonly<Record<DeliveryFailure, string>> = {
  'invalid-snapshot': 'the description of the package was not right',
  'disk-full': 'disk full',
  'disk-error': 'disk error',
  'execution-not-allowed': 'commands are not allowed by the policy',
  'could-not-start': 'the command could not be started',
  'exit-code': 'the command ended with an exit code that means failure',
  timeout: 'the command took too long',
  signal: 'the command was ended by a signal',
  interrupted: 'interrupted',
};
