import type { DiagnosticsPeer } from '../../../shared/contracts/diagnostics.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatBytes, formatMilliseconds, formatRate } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { Mark, type MarkTone } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { peerStateWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { agentPath } from './agent-paths.ts';

const stateTones: Record<DiagnosticsPeer['state'], MarkTone> = {
  available: 'good',
  unavailable: 'calm',
  banned: 'bad',
};

const columns: readonly TableColumn<DiagnosticsPeer>[] = [
  {
    id: 'name',
    header: 'Name',
    value: (peer) => peer.name,
    cell: (peer) => <RowLink path={agentPath(peer.agentId)}>{peer.name}</RowLink>,
    width: 72,
    grow: 2,
  },
  { id: 'address', header: 'Address', value: (peer) => `${peer.address}:${peer.port}`, width: 122, grow: 1 },
  { id: 'subnet', header: 'Subnet', value: (peer) => peer.subnet, width: 112, grow: 1, isHiddenAtFirst: true },
  {
    id: 'state',
    header: 'State',
    value: (peer) => peerStateWords[peer.state],
    cell: (peer) => <Mark tone={stateTones[peer.state]}>{peerStateWords[peer.state]}</Mark>,
    width: 104,
    grow: 0.5,
  },
  {
    id: 'seen',
    header: 'Last seen',
    value: (peer) => peer.lastSeenMs,
    cell: (peer) => <RelativeTime atMs={peer.lastSeenMs} />,
    width: 72,
    grow: 0.5,
  },
  numberColumn('roundTrip', 'Round trip', 66, (peer) => peer.roundTripMs, formatMilliseconds),
  numberColumn('in', 'Bytes in', 62, (peer) => peer.bytesIn, formatBytes),
  numberColumn('out', 'Bytes out', 62, (peer) => peer.bytesOut, formatBytes),
  numberColumn('inRate', 'Rate in', 76, (peer) => peer.inBytesPerSecond, formatRate),
  numberColumn('outRate', 'Rate out', 76, (peer) => peer.outBytesPerSecond, formatRate),
  numberColumn('refusals', 'Refusals', 58, (peer) => peer.refusals, String),
];

function numberColumn(
  id: string,
  header: string,
  width: number,
  value: (peer: DiagnosticsPeer) => number | null,
  format: (value: number) => string,
): TableColumn<DiagnosticsPeer> {
  const cell = (peer: DiagnosticsPeer) => {
    const number = value(peer);
    return number === null ? <span title="Never measured">–</span> : format(number);
  };
  return { id, header, value, cell, width, grow: 0.5, isNumeric: true };
}

export function PeersTable({ peers }: { peers: readonly DiagnosticsPeer[] }) {
  return (
    <Section title="Peers" hint="Computers that this agent has heard, and what it has exchanged with each.">
      <DataTable
        label="Peers"
        noun="peer"
        columns={columns}
        rows={peers}
        rowId={(peer) => peer.agentId}
        sortedBy={{ id: 'name' }}
        onOpen={(peer) => navigate(agentPath(peer.agentId))}
        maxHeightPx={380}
        empty="No peer has been heard yet. Peers answer within a minute of the first announcement."
      />
    </Section>
  );
}
