import { Button, Link } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useCallback, useMemo, useState } from 'react';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { DeliveryProgress } from '../../components/delivery-progress.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useMay } from '../../components/use-answer.ts';
import { useDesktopDeed } from '../../components/use-desktop-deed.ts';
import { Waiting } from '../../components/waiting.tsx';
import { priorityWords, targetWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { StatusMark } from './delivery-marks.tsx';
import { deliveryPath } from './delivery-paths.ts';
import { begunOf, failedOf, statusWords } from './delivery-words.ts';
import { NewDeliveryDialog } from './new-delivery-dialog.tsx';

function columnsOf(siteName: (id: string) => string | undefined): readonly TableColumn<Delivery>[] {
  return [
    {
      id: 'package',
      header: 'Package',
      value: (row) => `${row.packageName} ${row.version}`,
      cell: (row) => (
        <RowLink path={deliveryPath(row.id)}>
          {row.packageName} {row.version}
        </RowLink>
      ),
      width: 130,
      grow: 2,
    },
    {
      id: 'status',
      header: 'Status',
      value: (row) => statusWords[row.status],
      cell: (row) => <StatusMark status={row.status} />,
      width: 104,
      grow: 0,
    },
    { id: 'target', header: 'Target', value: (row) => targetWords(row.target, siteName), width: 100, grow: 2 },
    { id: 'priority', header: 'Priority', value: (row) => priorityWords[row.priority], width: 88, grow: 0 },
    {
      id: 'stages',
      header: 'Stages',
      value: begunOf,
      cell: (row) => `${begunOf(row)} of ${row.stages.length}`,
      width: 72,
      grow: 0,
    },
    {
      id: 'progress',
      header: 'Progress',
      value: (row) => (row.agents === 0 ? 0 : row.ready / row.agents),
      cell: (row) => (row.stages[0]?.startedAtMs === null ? 'Has not begun' : <DeliveryProgress counts={row} />),
      width: 180,
      grow: 2,
    },
    {
      id: 'failed',
      header: 'Failed',
      value: failedOf,
      cell: (row) => formatCount(failedOf(row)),
      width: 64,
      grow: 0,
      isNumeric: true,
    },
    { id: 'by', header: 'Made by', value: (row) => row.createdBy, width: 100, grow: 1, isHiddenAtFirst: true },
    {
      id: 'made',
      header: 'Made',
      value: (row) => row.createdAtMs,
      cell: (row) => <RelativeTime atMs={row.createdAtMs} />,
      width: 92,
      grow: 0,
    },
    { id: 'id', header: 'Id', value: (row) => row.id, width: 300, grow: 0, isHiddenAtFirst: true },
  ];
}

export function DeliveriesPage() {
  const deliveries = useTopic('deliveries');
  const sites = useTopic('sites');
  const mayDeliver = useMay('createDelivery');
  const [isMaking, setIsMaking] = useState(false);
  useDesktopDeed(
    'new-delivery',
    useCallback(() => setIsMaking(true), []),
  );
  const columns = useMemo(() => columnsOf((id) => sites?.find((site) => site.id === id)?.name), [sites]);
  const button = mayDeliver && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setIsMaking(true)}>
      New delivery
    </Button>
  );
  return (
    <Page
      title="Deliveries"
      description="What was sent to which agents, in which stages, and what it has come to."
      actions={deliveries !== null && deliveries.length > 0 ? button : undefined}
      isFull
    >
      {deliveries === null && <Waiting label="Waiting for the deliveries" />}
      {deliveries !== null && deliveries.length === 0 && (
        <EmptyState title="Nothing has been delivered yet" action={button || <Link href="#/packages">Packages</Link>}>
          A delivery brings one version of a package to a target, at once or in stages, and installs it if you say so.
        </EmptyState>
      )}
      {deliveries !== null && deliveries.length > 0 && (
        <DataTable
          label="Deliveries"
          noun="delivery"
          nounPlural="deliveries"
          columns={columns}
          rows={deliveries}
          rowId={(delivery) => delivery.id}
          sortedBy={{ id: 'made', descending: true }}
          onOpen={(delivery) => navigate(deliveryPath(delivery.id))}
          isFilling
          empty="No deliveries."
        />
      )}
      {isMaking && <NewDeliveryDialog onClose={() => setIsMaking(false)} />}
    </Page>
  );
}
