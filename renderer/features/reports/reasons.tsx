import { Text } from '@fluentui/react-components';
import type { DirectReasonsReport } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { BarsByName } from '../../components/charts.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { formatBytes, formatShare } from '../../components/format.ts';
import { rangeWords } from '../../components/report-time.ts';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { reasonWords, sourceWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { AgentsThere } from './agents-there.tsx';
import { reportPath } from './report-address.ts';
import { ReportAnswer } from './report-answer.tsx';
import { nameColumn } from './report-columns.tsx';
import { drillPath, groupingWords, reportTitles } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

type Row = DirectReasonsReport['rows'][number];

/** Why bytes came from servers. */
export function Reasons({ address, known }: ReportProps) {
  const answer = useAnswer(
    'directReasonsReport',
    { query: { ...useReportQuery(address), groupBy: address.by === 'agent' ? 'all' : address.by, top: '1000' } },
    reportEvery,
  );
  return (
    <>
      <ReportAnswer answer={answer} address={address} title={reportTitles.reasons}>
        {(report) => <ReasonsChart report={report} address={address} known={known} />}
      </ReportAnswer>
      <AgentsThere address={address} known={known} />
    </>
  );
}

function ReasonsChart({ report, address }: ReportProps & { report: DirectReasonsReport }) {
  const colours = useSeriesColours();
  const { groupBy, rows, directBytes, unexplainedBytes } = report;
  const pathOf = (id: string) => drillPath(address, groupBy, id);
  const openSubnets = () => navigate(reportPath({ ...address, by: 'subnet' }));
  const columns: readonly TableColumn<Row>[] = [
    ...(groupBy === 'all' ? [] : [nameColumn<Row>(groupingWords[groupBy], (row) => pathOf(row.id))]),
    { id: 'reason', header: 'Reason', value: (row) => reasonWords[row.reason], width: 200, grow: 3 },
    { id: 'source', header: 'From', value: (row) => sourceWords[row.source], width: 170, grow: 2 },
    bytesColumn('bytes', 'Bytes', (row) => row.bytes),
    {
      id: 'share',
      header: 'Of direct bytes',
      value: (row) => (directBytes === 0 ? null : row.bytes / directBytes),
      cell: (row) => formatShare(row.bytes, directBytes),
      width: 104,
      grow: 0,
      isNumeric: true,
    },
  ];
  return (
    <ChartSection
      title={reportTitles.reasons}
      hint="Reasons from the decision journals of the agents, told with each block. A click shows the subnets; a subnet, its agents."
      words={`${rangeWords(report.fromMs, report.toMs)}: ${formatBytes(directBytes)} came directly. For ${formatBytes(unexplainedBytes)} no reason was told: answers that broke off, and what is not told yet.`}
      legend={[]}
      chart={
        <BarsByName
          label="Direct bytes by reason."
          rows={byReason(rows)}
          plainLabel="Direct"
          hatchedLabel={null}
          hatchedColour={colours.direct}
          format={formatBytes}
          {...(groupBy === 'all' ? { onOpen: openSubnets } : {})}
        />
      }
      {...(rows.length === 0
        ? { nothing: <Text>No agent told a reason for direct bytes in this time that these filters find.</Text> }
        : {})}
      noun="row"
      columns={columns}
      rows={rows}
      rowId={(row) => `${row.id} ${row.source} ${row.reason}`}
      sortedBy={{ id: 'bytes', descending: true }}
      onOpen={(row) => {
        const path = pathOf(row.id);
        if (path !== null) navigate(path);
        else if (groupBy === 'all') openSubnets();
      }}
    />
  );
}

/** The chart answers "why" at a glance: sources and groups are told apart in the table. */
export function byReason(rows: readonly Row[]) {
  const sums = new Map<Row['reason'], number>();
  for (const { reason, bytes } of rows) sums.set(reason, (sums.get(reason) ?? 0) + bytes);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, bytes]) => ({ id: reason, name: reasonWords[reason], plain: bytes, hatched: 0 }));
}
