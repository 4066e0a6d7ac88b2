import { Text } from '@fluentui/react-components';
import type { Channel, ChannelCopy } from '../../../shared/contracts/channels-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatBytes, formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { matrixOf, replicationWords } from './channel-words.ts';
import { CopyMark, ReplicationMatrix } from './replication-matrix.tsx';

const refreshMs = 2000;
/** More do not fit side by side: then each copy is a row. */
const mostColumns = 12;

const columns: readonly TableColumn<ChannelCopy>[] = [
  { id: 'server', header: 'Package Server', value: (copy) => copy.packageServer, width: 140, grow: 1 },
  { id: 'site', header: 'Site', value: (copy) => copy.siteName ?? 'Unassigned', width: 120, grow: 1 },
  {
    id: 'package',
    header: 'Package',
    value: (copy) => `${copy.packageName} ${copy.version ?? ''}`.trim(),
    width: 160,
    grow: 1.5,
  },
  {
    id: 'state',
    header: 'State',
    value: (copy) => replicationWords[copy.state],
    cell: (copy) => <CopyMark copy={copy} />,
    width: 130,
    grow: 0.5,
  },
  {
    id: 'copied',
    header: 'Copied',
    value: (copy) => copy.copiedBytes,
    cell: (copy) => `${formatBytes(copy.copiedBytes)} of ${formatBytes(copy.totalSizeBytes)}`,
    width: 170,
    grow: 0.5,
    isNumeric: true,
  },
  { id: 'why', header: 'Why', value: (copy) => copy.reason, width: 200, grow: 2 },
];

export function ChannelReplication({ channel }: { channel: Channel }) {
  const answer = useAnswer('channelCopies', { query: { channelId: channel.id } }, { everyMs: refreshMs });
  return (
    <Section title="Replication" hint="Where each package is on each Package Server that subscribes.">
      <AnswerView answer={answer} label="Reading where the copies are">
        {({ copies, total }) => {
          if (copies.length === 0) return <Text>Nobody has to keep anything of this channel yet.</Text>;
          const matrix = matrixOf(copies);
          return (
            <>
              {total > copies.length && (
                <Text>
                  The first {formatCount(copies.length)} of {formatCount(total)} copies.
                </Text>
              )}
              {matrix.servers.length <= mostColumns && matrix.rows.length <= 100 ? (
                <ReplicationMatrix matrix={matrix} />
              ) : (
                <DataTable
                  label="Replication"
                  noun="row"
                  columns={columns}
                  rows={copies}
                  rowId={(copy) => `${copy.agentId} ${copy.guid} ${copy.version ?? ''}`}
                  sortedBy={{ id: 'server' }}
                  maxHeightPx={480}
                  empty="No copies."
                />
              )}
            </>
          );
        }}
      </AnswerView>
    </Section>
  );
}
