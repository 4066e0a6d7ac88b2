import type { WanCopies } from '../../../shared/contracts/console-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatBytes, formatCopies } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { Mark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';

/** Above this the second copy shows; below it are protocol edges such as one block asked again. */
const onTargetUpTo = 1.01;

function verdict(row: WanCopies) {
  if (row.copies > onTargetUpTo) return <Mark tone="warning">Above target</Mark>;
  if (row.ready < row.agents) return <Mark tone="busy">Delivering</Mark>;
  return <Mark tone="good">On target</Mark>;
}

const columns: readonly TableColumn<WanCopies>[] = [
  { id: 'subnet', header: 'Subnet', value: (row) => row.subnet, width: 116, grow: 1 },
  { id: 'package', header: 'Package', value: (row) => `${row.packageName} ${row.version}`, width: 120, grow: 3 },
  {
    id: 'copies',
    header: 'WAN copies',
    value: (row) => row.copies,
    cell: (row) => (
      <span title={`${formatBytes(row.wanBytes)} of ${formatBytes(row.totalSizeBytes)}`}>
        {formatCopies(row.copies)}
      </span>
    ),
    width: 86,
    grow: 0,
    isNumeric: true,
  },
  {
    id: 'ready',
    header: 'Ready',
    value: (row) => row.ready,
    cell: (row) => `${row.ready} of ${row.agents}`,
    width: 66,
    grow: 0,
    isNumeric: true,
  },
  {
    id: 'verdict',
    header: 'Target 1.00',
    value: (row) => (row.copies > onTargetUpTo ? 'above' : row.ready < row.agents ? 'delivering' : 'on target'),
    cell: verdict,
    width: 124,
    grow: 0,
  },
];

export function WanCopiesTable({ rows }: { rows: readonly WanCopies[] }) {
  return (
    <Section title="WAN copies" hint="Bytes sent into a subnet from outside ÷ size of the package. The target is 1.00.">
      <DataTable
        label="WAN copies"
        noun="row"
        columns={columns}
        rows={rows}
        rowId={(row) => `${row.subnet} ${row.key}`}
        sortedBy={{ id: 'copies', descending: true }}
        hasTools={rows.length > 20}
        maxHeightPx={340}
        empty="Nothing has been delivered yet."
      />
    </Section>
  );
}
