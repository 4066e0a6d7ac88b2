import { Button } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { bytesColumn, momentColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Section } from '../../components/page.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useMay } from '../../components/use-answer.ts';
import { priorityWords } from '../../components/words.ts';
import { notify } from '../../stores/notice-store.ts';
import { channelSaved } from './channel-changes.ts';
import { ItemDialog } from './item-dialog.tsx';

type Item = Channel['items'][number];

async function remove(channel: Channel, { guid, version, packageName }: Item): Promise<void> {
  try {
    const { changes } = await changeConsole('removeChannelPackage', {
      params: { id: channel.id },
      query: { guid, ...(version === null ? {} : { version }) },
    });
    channelSaved(`“${packageName}” is out of “${channel.name}”.`, changes);
  } catch (error) {
    notify('error', messageOf(error));
  }
}

/** `onEdit` null: whoever is signed in may change nothing. */
function columnsOf(channel: Channel, onEdit: ((item: Item) => void) | null): readonly TableColumn<Item>[] {
  const columns: TableColumn<Item>[] = [
    { id: 'name', header: 'Package', value: (item) => item.packageName, width: 110, grow: 2 },
    {
      id: 'version',
      header: 'Version',
      value: (item) => item.version ?? `newest (${item.meansVersion ?? 'none is left'})`,
      width: 120,
      grow: 1,
    },
    bytesColumn('size', 'Size', (item) => item.totalSizeBytes),
    {
      id: 'priority',
      header: 'Priority',
      value: (item) => priorityWords[item.priority ?? channel.priority],
      width: 100,
      grow: 0.5,
    },
    momentColumn('notBefore', 'Not before', (item) => item.notBeforeMs, { grow: 0.5 }),
    momentColumn('expires', 'Expires', (item) => item.expiresAtMs, { grow: 0.5 }),
  ];
  if (onEdit === null) return columns;
  const buttons = (item: Item) => (
    <>
      <Button size="small" appearance="subtle" aria-label={`Terms of ${item.packageName}`} onClick={() => onEdit(item)}>
        Terms…
      </Button>
      <Button
        size="small"
        appearance="subtle"
        aria-label={`Remove ${item.packageName}`}
        onClick={() => void remove(channel, item)}
      >
        Remove
      </Button>
    </>
  );
  return [...columns, { id: 'change', header: '', value: () => null, cell: buttons, width: 148, grow: 0 }];
}

export function ChannelPackages({ channel }: { channel: Channel }) {
  const mayChange = useMay('removeChannelPackage');
  const [edited, setEdited] = useState<Item | null>(null);
  const columns = useMemo(() => columnsOf(channel, mayChange ? setEdited : null), [channel, mayChange]);
  return (
    <Section title="Packages">
      <DataTable
        label="Packages of the channel"
        noun="package"
        columns={columns}
        rows={channel.items}
        rowId={({ guid, version }) => `${guid} ${version ?? ''}`}
        sortedBy={{ id: 'name' }}
        hasTools={false}
        empty="The channel has no packages yet."
      />
      {edited !== null && <ItemDialog channel={channel} item={edited} onClose={() => setEdited(null)} />}
    </Section>
  );
}
