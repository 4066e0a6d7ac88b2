import { Button } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { Channel, ReplicationSum } from '../../../shared/contracts/channels-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount, formatQuantity } from '../../components/format.ts';
import { Page } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { priorityWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { ChannelDialog } from './channel-dialog.tsx';

const refreshMs = 5000;
const channelPath = (id: string) => `/channels/${id}`;

function columnsOf(sums: ReadonlyMap<string, ReplicationSum>): readonly TableColumn<Channel>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      value: (channel) => channel.name,
      cell: (channel) => <RowLink path={channelPath(channel.id)}>{channel.name}</RowLink>,
      width: 160,
      grow: 2,
    },
    {
      id: 'packages',
      header: 'Packages',
      value: (channel) => channel.items.length,
      cell: (channel) => formatCount(channel.items.length),
      width: 84,
      grow: 0,
      isNumeric: true,
    },
    {
      id: 'servers',
      header: 'Package Servers',
      value: (channel) => channel.packageServers,
      cell: (channel) => formatCount(channel.packageServers),
      width: 116,
      grow: 0,
      isNumeric: true,
    },
    {
      id: 'replication',
      header: 'Copied',
      value: (channel) => sums.get(channel.id)?.percent ?? null,
      cell: (channel) => <Copied sum={sums.get(channel.id)} />,
      width: 200,
      grow: 1,
    },
    { id: 'priority', header: 'Priority', value: (channel) => priorityWords[channel.priority], width: 100, grow: 0.5 },
    agoColumn('updated', 'Changed', (channel) => channel.updatedAtMs),
  ];
}

function Copied({ sum }: { sum: ReplicationSum | undefined }) {
  if (sum === undefined || sum.copies === 0) return '–';
  const failed = sum.states.failed === 0 ? '' : `, ${formatCount(sum.states.failed)} failed`;
  return `${sum.percent} % of ${formatQuantity(sum.copies, 'copy', 'copies')}${failed}`;
}

export function ChannelsPage() {
  const answer = useAnswer('channels', {}, { everyMs: refreshMs });
  const replication = useAnswer('channelReplication', { query: { by: 'channel' } }, { everyMs: refreshMs });
  const mayMake = useMay('createChannel');
  const [isMaking, setIsMaking] = useState(false);
  const columns = useMemo(() => columnsOf(new Map(replication.data?.map((sum) => [sum.id, sum]))), [replication.data]);
  const make = mayMake && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setIsMaking(true)}>
      Make channel
    </Button>
  );
  return (
    <Page
      title="Channels"
      description="Sets of packages that Package Servers keep before anybody asks for them, copied in the hours that suit the links."
      actions={make}
      isFull
    >
      <AnswerView answer={answer} label="Reading the channels">
        {(channels) =>
          channels.length === 0 ? (
            <EmptyState title="There are no channels yet">
              A channel brings packages to the Package Servers of sites overnight, so that nobody waits for a WAN link
              in the morning.
            </EmptyState>
          ) : (
            <DataTable
              label="Channels"
              noun="channel"
              columns={columns}
              rows={channels}
              rowId={({ id }) => id}
              sortedBy={{ id: 'name' }}
              onOpen={({ id }) => navigate(channelPath(id))}
              isFilling
              empty="No channels."
            />
          )
        }
      </AnswerView>
      {isMaking && (
        <ChannelDialog
          channel={null}
          onSaved={({ id }) => navigate(channelPath(id))}
          onClose={() => setIsMaking(false)}
        />
      )}
    </Page>
  );
}
