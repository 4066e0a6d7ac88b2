import { Text } from '@fluentui/react-components';
import type { WanCopiesReport } from '../../../shared/contracts/reports-api.ts';
import { unassignedSite } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { BarsByName } from '../../components/charts.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { formatBytes, formatCopies } from '../../components/format.ts';
import { rangeWords } from '../../components/report-time.ts';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { AgentsThere } from './agents-there.tsx';
import { type ReportAddress, reportPath } from './report-address.ts';
import { ReportAnswer } from './report-answer.tsx';
import { reportTitles } from './report-words.ts';
import { type ReportProps, reportEvery, useReportQuery } from './use-report.ts';

type Row = WanCopiesReport['rows'][number];

const mostBars = 15;
/** Above this the second copy shows; below it are protocol edges such as one block asked again. */
const onTargetUpTo = 1.01;

/** How many copies of each package came into each place from outside. */
export function WanCopies({ address, known }: ReportProps) {
  const per = address.by === 'site' ? 'site' : 'subnet';
  const answer = useAnswer('wanCopiesReport', { query: { ...useReportQuery(address), per, top: '1000' } }, reportEvery);
  return (
    <>
      <ReportAnswer answer={answer} address={address} title={reportTitles['wan-copies']}>
        {(report) => <CopiesChart report={report} address={address} />}
      </ReportAnswer>
      <AgentsThere address={address} known={known} />
    </>
  );
}

function CopiesChart({ report, address }: { report: WanCopiesReport; address: ReportAddress }) {
  const colours = useSeriesColours();
  const { rows, per } = report;
  const above = rows.filter(({ copies }) => copies > onTargetUpTo).length;
  const sum = (bytes: (row: Row) => number) => rows.reduce((total, row) => total + bytes(row), 0);
  const columns: readonly TableColumn<Row>[] = [
    { id: 'site', header: 'Site', value: (row) => row.siteName ?? 'Unassigned', width: 100, grow: 2 },
    ...(per === 'site'
      ? []
      : [{ id: 'subnet', header: 'Subnet', value: (row: Row) => row.subnet, width: 112, grow: 1 }]),
    {
      id: 'package',
      header: 'Package',
      value: (row) => `${row.packageName} ${row.version}`,
      cell: (row) => (
        <RowLink path={whyPath(address, row)}>
          {row.packageName} {row.version}
        </RowLink>
      ),
      width: 140,
      grow: 3,
    },
    {
      id: 'copies',
      header: 'WAN copies',
      value: (row) => row.copies,
      cell: (row) => formatCopies(row.copies),
      width: 92,
      grow: 0,
      isNumeric: true,
    },
    {
      id: 'excusedCopies',
      header: 'Excused copies',
      value: excusedCopies,
      cell: (row) => formatCopies(excusedCopies(row)),
      width: 104,
      grow: 0,
      isNumeric: true,
    },
    bytesColumn('wan', 'From outside', (row) => row.wanBytes),
    bytesColumn('size', 'Size', (row) => row.totalSizeBytes),
  ];
  return (
    <ChartSection
      title={reportTitles['wan-copies']}
      hint="Bytes that came into a place from outside ÷ size of the package, in this time; the aim is 1.00, the dashed line. Excused: came once more because nobody there who was online had it. A click shows why."
      words={`${rangeWords(report.fromMs, report.toMs)}: ${formatBytes(sum((row) => row.wanBytes))} came from outside, ${formatBytes(sum((row) => row.excusedBytes))} of it excused. ${aboveWords(rows.length, above)}`}
      legend={[
        { label: 'WAN copies', colour: colours.direct },
        { label: 'Excused', colour: 'currentColor', look: 'hatched' },
      ]}
      chart={
        <BarsByName
          label="WAN copies against 1.00."
          rows={rows.slice(0, mostBars).map((row) => ({
            id: rowId(row),
            name: `${row.packageName} ${row.version} · ${row.subnet ?? row.siteName ?? 'Unassigned'}`,
            plain: row.copies,
            hatched: excusedCopies(row),
          }))}
          plainLabel="WAN copies"
          hatchedLabel="Excused"
          hatchedColour="currentColor"
          format={formatCopies}
          target={1}
          onOpen={(id) => {
            const row = rows.find((known) => rowId(known) === id);
            if (row !== undefined) navigate(whyPath(address, row));
          }}
        />
      }
      {...(rows.length === 0
        ? { nothing: <Text>No package came into any place from outside in this time.</Text> }
        : {})}
      noun="row"
      columns={columns}
      rows={rows}
      rowId={rowId}
      sortedBy={{ id: 'copies', descending: true }}
      onOpen={(row) => navigate(whyPath(address, row))}
    />
  );
}

function rowId(row: Row): string {
  return `${row.siteId ?? ''} ${row.subnet ?? ''} ${row.key}`;
}

function excusedCopies(row: Row): number {
  return row.totalSizeBytes === 0 ? 0 : row.excusedBytes / row.totalSizeBytes;
}

function aboveWords(rows: number, above: number): string {
  if (rows === 0) return '';
  if (above === 0) return rows === 1 ? 'The one row is on target.' : `All ${rows} rows are on target.`;
  return `${above} of ${rows} ${above === 1 ? 'is' : 'are'} above 1.00.`;
}

/** Why the package came directly there. */
function whyPath(address: ReportAddress, row: Row): string {
  const place = row.subnet === null ? { siteId: row.siteId ?? unassignedSite } : { subnet: row.subnet };
  const { policyId } = address.filters;
  const filters = { ...(policyId === undefined ? {} : { policyId }), ...place, key: row.key };
  return reportPath({ ...address, report: 'reasons', by: 'all', filters });
}
