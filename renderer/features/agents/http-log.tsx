import type { HttpLogEntry } from '../../../shared/contracts/diagnostics.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatBytes, formatMilliseconds } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-model.ts';

interface Row extends HttpLogEntry {
  /** Requests of the same millisecond are told apart by their place in the log. */
  readonly id: string;
  readonly peerName: string;
}

const columns: readonly TableColumn<Row>[] = [
  {
    id: 'at',
    header: 'Time',
    value: (row) => row.atMs,
    cell: (row) => <RelativeTime atMs={row.atMs} />,
    width: 80,
    grow: 0.5,
  },
  { id: 'peer', header: 'From', value: (row) => row.peerName, width: 120, grow: 1 },
  { id: 'request', header: 'Request', value: (row) => `${row.method} ${row.path}`, width: 260, grow: 4 },
  {
    id: 'status',
    header: 'Status',
    value: (row) => row.status,
    cell: (row) => (row.status === 0 ? <span title="The connection ended without an answer">–</span> : row.status),
    width: 62,
    isNumeric: true,
  },
  {
    id: 'bytes',
    header: 'Sent',
    value: (row) => row.bytes,
    cell: (row) => formatBytes(row.bytes),
    width: 76,
    isNumeric: true,
  },
  {
    id: 'duration',
    header: 'Took',
    value: (row) => row.durationMs,
    cell: (row) => formatMilliseconds(row.durationMs),
    width: 76,
    isNumeric: true,
  },
];

/** The newest requests of peers that this agent answered. `nameOf`: what the page calls an agent. */
export function HttpLogTable({
  entries,
  nameOf,
}: {
  entries: readonly HttpLogEntry[];
  nameOf: (agentId: string) => string | null;
}) {
  const rows = entries.map((entry, index) => ({
    ...entry,
    id: `${entry.atMs} ${index}`,
    peerName: (entry.agentId === null ? null : nameOf(entry.agentId)) ?? entry.address,
  }));
  return (
    <Section
      title="HTTP log"
      hint="The newest requests of peers; the whole log is in the agent's data folder, as much of it as the policy allows."
    >
      <DataTable
        label="HTTP log"
        noun="request"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        sortedBy={{ id: 'at', descending: true }}
        maxHeightPx={320}
        empty="No peer has asked this agent for anything since it started."
      />
    </Section>
  );
}
