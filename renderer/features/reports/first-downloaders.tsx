import { Text } from '@fluentui/react-components';
import type { FirstDownloadersReport } from '../../../shared/contracts/reports-api.ts';
import { bytesColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { rangeWords } from '../../components/report-time.ts';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { ReportAnswer } from './report-answer.tsx';
import { reportTitles } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

type Row = FirstDownloadersReport['rows'][number];

const endWords = { lost: 'Lost', released: 'Released', completed: 'Completed' } as const;

const columns: readonly TableColumn<Row>[] = [
  {
    id: 'claimed',
    header: 'Claimed',
    value: (row) => new Date(row.claimedAtMs).toISOString(),
    cell: (row) => <RelativeTime atMs={row.claimedAtMs} />,
    width: 86,
    grow: 0,
  },
  { id: 'package', header: 'Package', value: (row) => `${row.packageName} ${row.version}`, width: 110, grow: 3 },
  { id: 'subnet', header: 'Subnet', value: (row) => row.subnet, width: 104, grow: 1 },
  { id: 'site', header: 'Site', value: (row) => row.siteName ?? 'Unassigned', width: 76, grow: 1.5 },
  {
    id: 'agent',
    header: 'Agent',
    value: (row) => row.agentName,
    cell: (row) => <RowLink path={agentPath(row.agentId)}>{row.agentName}</RowLink>,
    width: 76,
    grow: 2,
  },
  {
    id: 'end',
    header: 'Ended',
    value: (row) => (row.end === null ? 'Not told yet' : endWords[row.end]),
    width: 80,
    grow: 1,
  },
  { id: 'epoch', header: 'Epoch', value: (row) => row.epoch, width: 52, grow: 0, isNumeric: true },
  bytesColumn('direct', 'Direct', (row) => row.directBytes),
  bytesColumn('peer', 'From peers', (row) => row.peerBytes),
];

/** Who fetched which package for which subnet. */
export function FirstDownloaders({ address }: ReportProps) {
  const answer = useAnswer(
    'firstDownloadersReport',
    { query: { ...useReportQuery(address), top: '1000' } },
    reportEvery,
  );
  const title = reportTitles['first-downloaders'];
  return (
    <ReportAnswer answer={answer} address={address} title={title}>
      {(report) => (
        <Section
          title={title}
          hint="The agent that fetches a package for its subnet claims it first. A higher epoch took the claim over. Bytes are what it took of the package in all."
        >
          <Text>{rangeWords(report.fromMs, report.toMs)}, the last claim first.</Text>
          <DataTable
            label={title}
            noun="claim"
            columns={columns}
            rows={report.rows}
            rowId={(row) => `${row.key} ${row.subnet} ${row.epoch} ${row.agentId} ${row.claimedAtMs}`}
            sortedBy={{ id: 'claimed', descending: true }}
            onOpen={(row) => navigate(agentPath(row.agentId))}
            maxHeightPx={480}
            empty="Nobody claimed a package in this time."
          />
        </Section>
      )}
    </ReportAnswer>
  );
}
