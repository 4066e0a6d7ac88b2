import { Text } from '@fluentui/react-components';
import type { TrafficReport } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { BarsByName } from '../../components/charts.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { formatBytes, formatQuantity, formatShare } from '../../components/format.ts';
import { directBytesOf, rangeWords } from '../../components/report-time.ts';
import type { TableColumn } from '../../components/table-model.ts';
import { TrafficOverTime, trafficLegend } from '../../components/traffic-over-time.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { AgentsThere } from './agents-there.tsx';
import { ReportAnswer } from './report-answer.tsx';
import { nameColumn } from './report-columns.tsx';
import { drillPath, groupingWords } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

/** So many rows stay below what the server gives at once, whatever the time. */
const mostRows = '50';
const overTimeTitle = 'Direct and peer bytes';
const mostBars = 12;

type Group = TrafficReport['groups'][number];

/** Direct and peer bytes over time, and by whom. */
export function Traffic({ address, known }: ReportProps) {
  const query = useReportQuery(address);
  const total = useAnswer('trafficReport', { query: { ...query, groupBy: 'all' } }, reportEvery);
  const groups = useAnswer('trafficReport', { query: { ...query, groupBy: address.by, top: mostRows } }, reportEvery);
  return (
    <>
      <ReportAnswer answer={total} address={address} title={overTimeTitle}>
        {(report) => <TrafficOverTime report={report} title={overTimeTitle} />}
      </ReportAnswer>
      {(total.refusal === null || groups.refusal !== total.refusal) && (
        <ReportAnswer answer={groups} address={address} title={`By ${groupingWords[address.by].toLowerCase()}`}>
          {(report) => <ByGroup report={report} address={address} known={known} />}
        </ReportAnswer>
      )}
      <AgentsThere address={address} known={known} />
    </>
  );
}

function ByGroup({ report, address }: ReportProps & { report: TrafficReport }) {
  const colours = useSeriesColours();
  const { groupBy, groups, others } = report;
  const pathOf = (id: string) => drillPath(address, groupBy, id);
  const open = (id: string) => {
    const path = pathOf(id);
    if (path !== null) navigate(path);
  };
  const columns: readonly TableColumn<Group>[] = [
    nameColumn(groupingWords[groupBy], (group) => pathOf(group.id)),
    bytesColumn('server', 'Notification Server', (group) => group.bytes.notificationServerBytes, { width: 124 }),
    bytesColumn('own', 'Own Package Server', (group) => group.bytes.ownPackageServerBytes, { width: 134 }),
    bytesColumn('foreign', 'Other Package Server', (group) => group.bytes.foreignPackageServerBytes, { width: 142 }),
    bytesColumn('peer', 'Peer', (group) => group.bytes.peerBytes),
    {
      id: 'share',
      header: 'Peer share',
      value: (group) => group.bytes.peerBytes / (group.bytes.peerBytes + directBytesOf(group.bytes)),
      cell: ({ bytes }) => formatShare(bytes.peerBytes, bytes.peerBytes + directBytesOf(bytes)),
      width: 80,
      grow: 0,
      isNumeric: true,
    },
  ];
  const noun = groupingWords[groupBy].toLowerCase();
  const otherBytes = directBytesOf(others.bytes) + others.bytes.peerBytes;
  const otherWords = others.groups === null ? 'Others' : formatQuantity(others.groups, 'more row');
  return (
    <ChartSection
      title={`By ${noun}`}
      hint={hints[groupBy]}
      words={`${rangeWords(report.fromMs, report.toMs, report.bucket)}: ${groups.length > mostBars ? `the ${mostBars} with most bytes of ` : ''}${formatQuantity(groups.length, noun, groupingPlurals[groupBy])}${otherBytes > 0 ? `. ${otherWords}: ${formatBytes(otherBytes)}` : ''}.`}
      legend={trafficLegend(colours)}
      chart={
        <BarsByName
          label={`Direct and peer bytes by ${noun}.`}
          rows={groups.slice(0, mostBars).map(({ id, name, bytes }) => ({
            ...{ id, name },
            plain: directBytesOf(bytes),
            hatched: bytes.peerBytes,
          }))}
          plainLabel="Direct"
          hatchedLabel="Peer"
          format={formatBytes}
          onOpen={open}
        />
      }
      {...(groups.length === 0 ? { nothing: <Text>No bytes to tell apart in this time.</Text> } : {})}
      noun={noun}
      columns={columns}
      rows={groups}
      rowId={(group) => group.id}
      sortedBy={{ id: 'peer', descending: true }}
      onOpen={(group) => open(group.id)}
    />
  );
}

export const groupingPlurals: Readonly<Record<TrafficReport['groupBy'], string>> = {
  all: 'rows',
  site: 'sites',
  subnet: 'subnets',
  package: 'packages',
  policy: 'policies',
  agent: 'agents',
};

const hints: Readonly<Record<TrafficReport['groupBy'], string>> = {
  all: '',
  site: 'A click on a site shows its subnets.',
  subnet: 'A click on a subnet shows its packages and its agents.',
  package: 'A click on a package shows where it went.',
  policy: 'A click on a policy shows the sites of its agents.',
  agent: 'What single agents took is kept by day and month. A click opens the page of the agent.',
};
