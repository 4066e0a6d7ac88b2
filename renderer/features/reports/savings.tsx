import { Text } from '@fluentui/react-components';
import type { SavingsReport } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { BarsByName } from '../../components/charts.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { formatBytes, formatShare } from '../../components/format.ts';
import { rangeWords } from '../../components/report-time.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { AgentsThere } from './agents-there.tsx';
import { ReportAnswer } from './report-answer.tsx';
import { nameColumn } from './report-columns.tsx';
import { drillPath, groupingWords, reportTitles } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

type Row = SavingsReport['rows'][number];

const mostRows = '50';
const mostBars = 12;

/** What would have crossed WAN links, and what did. */
export function Savings({ address, known }: ReportProps) {
  const answer = useAnswer(
    'savingsReport',
    { query: { ...useReportQuery(address), groupBy: address.by, top: mostRows } },
    reportEvery,
  );
  return (
    <>
      <ReportAnswer answer={answer} address={address} title={reportTitles.savings}>
        {(report) => <SavingsChart report={report} address={address} known={known} />}
      </ReportAnswer>
      <AgentsThere address={address} known={known} />
    </>
  );
}

function SavingsChart({ report, address }: ReportProps & { report: SavingsReport }) {
  const colours = useSeriesColours();
  const { groupBy, rows, total } = report;
  const pathOf = (id: string) => drillPath(address, groupBy, id);
  const open = (id: string) => {
    const path = pathOf(id);
    if (path !== null) navigate(path);
  };
  const outcome =
    total.savedBytes < 0
      ? `${formatBytes(-total.savedBytes)} more crossed than was needed`
      : `${formatBytes(total.savedBytes)} did not have to cross (${formatShare(total.savedBytes, total.wouldCrossBytes)})`;
  return (
    <ChartSection
      title={reportTitles.savings}
      hint="Had every computer fetched for itself, all that computers took would have crossed into their site."
      words={`${rangeWords(report.fromMs, report.toMs)}: ${formatBytes(total.wouldCrossBytes)} would have crossed WAN links, ${formatBytes(total.crossedBytes)} did; ${outcome}.`}
      legend={[
        { label: 'Crossed', colour: colours.direct },
        { label: 'Saved', colour: colours.peer, look: 'hatched' },
      ]}
      chart={
        <BarsByName
          label="Bytes that crossed WAN links, and that did not have to."
          rows={rows.slice(0, mostBars).map((row) => ({
            ...{ id: row.id, name: row.name, plain: row.crossedBytes },
            hatched: Math.max(0, row.savedBytes),
          }))}
          plainLabel="Crossed"
          hatchedLabel="Saved"
          format={formatBytes}
          onOpen={open}
        />
      }
      {...(rows.length === 0
        ? { nothing: <Text>Nothing was delivered in this time that these filters find.</Text> }
        : {})}
      noun={groupingWords[groupBy].toLowerCase()}
      columns={[
        nameColumn<Row>(groupingWords[groupBy], (row) => pathOf(row.id)),
        bytesColumn<Row>('would', 'Would have crossed', (row) => row.wouldCrossBytes),
        bytesColumn<Row>('crossed', 'Crossed', (row) => row.crossedBytes),
        bytesColumn<Row>('saved', 'Saved', (row) => row.savedBytes),
      ]}
      rows={rows}
      rowId={(row) => row.id}
      sortedBy={{ id: 'saved', descending: true }}
      onOpen={(row) => open(row.id)}
    />
  );
}
