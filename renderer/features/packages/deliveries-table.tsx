import { useMemo } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { DeliveryProgress } from '../../components/delivery-progress.tsx';
import { useTopic } from '../../components/hooks.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { Waiting } from '../../components/waiting.tsx';
import { priorityWords, targetWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { StatusMark } from '../deliveries/delivery-marks.tsx';
import { deliveryPath } from '../deliveries/delivery-paths.ts';
import { statusWords } from '../deliveries/delivery-words.ts';

function columnsOf(siteName: (id: string) => string | undefined): readonly TableColumn<Delivery>[] {
  return [
    {
      id: 'target',
      header: 'Target',
      value: (row) => targetWords(row.target, siteName),
      cell: (row) => <RowLink path={deliveryPath(row.id)}>{targetWords(row.target, siteName)}</RowLink>,
      width: 160,
      grow: 2,
    },
    {
      id: 'status',
      header: 'Status',
      value: (row) => statusWords[row.status],
      cell: (row) => <StatusMark status={row.status} />,
      width: 108,
      grow: 0,
    },
    { id: 'priority', header: 'Priority', value: (row) => priorityWords[row.priority], width: 92, grow: 0 },
    {
      id: 'progress',
      header: 'Progress',
      value: (row) => (row.agents === 0 ? 0 : row.ready / row.agents),
      cell: (row) => <DeliveryProgress counts={row} />,
      width: 280,
      grow: 2,
    },
    { id: 'by', header: 'Created by', value: (row) => row.createdBy, width: 120, grow: 1 },
    {
      id: 'created',
      header: 'Created',
      value: (row) => row.createdAtMs,
      cell: (row) => <RelativeTime atMs={row.createdAtMs} />,
      width: 92,
      grow: 0,
    },
  ];
}

export function DeliveriesTable({ entry }: { entry: PackageSummary }) {
  const deliveries = useTopic('deliveries');
  const sites = useTopic('sites');
  const columns = useMemo(() => columnsOf((id) => sites?.find((site) => site.id === id)?.name), [sites]);
  return (
    <Section title="Deliveries">
      {deliveries === null ? (
        <Waiting label="Waiting for the deliveries" />
      ) : (
        <DataTable
          label="Deliveries"
          noun="delivery"
          columns={columns}
          rows={deliveries.filter((delivery) => delivery.key === entry.key)}
          rowId={(delivery) => delivery.id}
          sortedBy={{ id: 'created', descending: true }}
          onOpen={(delivery) => navigate(deliveryPath(delivery.id))}
          hasTools={false}
          empty="This version has not been delivered yet. Deliver it to a target with the button above."
        />
      )}
    </Section>
  );
}
