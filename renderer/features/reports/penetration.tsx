import { Field, Link, makeStyles, Select, Text } from '@fluentui/react-components';
import type { PenetrationReport } from '../../../shared/contracts/reports-api.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatExactTime, formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { PenetrationChart } from '../../components/penetration-chart.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { failureWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { reportPath } from './report-address.ts';
import { ReportAnswer } from './report-answer.tsx';
import { reportTitles } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

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
  const answer = useAnswer(
    'penetrationReport',
    { query: useReportQuery(asked) },
    { ...reportEvery, isAsked: isChosen },
  );
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
          {(report) => <PenetrationOf report={report} />}
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

function PenetrationOf({ report }: { report: PenetrationReport }) {
  const styles = useStyles();
  const thing = `${report.packageName} ${report.version}${report.deliveryId === null ? '' : ' (delivery)'}`;
  return (
    <>
      <PenetrationChart report={report} title={`Penetration of ${thing}`} />
      {report.failures.length > 0 && (
        <ul className={styles.failures} aria-label="Why agents failed">
          {report.failures.map(({ reason, agents }) => (
            <li key={reason}>
              <Text>
                {failureWords[reason]}: {formatQuantity(agents, 'agent')}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
