import { Button, Link, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { ProhibitedRegular, SendRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import type { PageProps } from '../../app/pages.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DeliveryProgress } from '../../components/delivery-progress.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatBytes, formatCount, formatExactTime, formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page, Section } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import { useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { DeliveryWizard } from '../deliveries/delivery-wizard.tsx';
import { DeliveriesTable } from './deliveries-table.tsx';
import { PackagePlaces } from './package-places.tsx';

export function PackagePage({ parameters }: PageProps) {
  const packages = useTopic('packages');
  if (packages === null) return <Waiting label="Waiting for the package" />;
  const entry = packages.find(({ guid, version }) => guid === parameters.guid && version === parameters.version);
  if (entry === undefined) {
    return (
      <EmptyState title="There is no such package" titleAs="h1" action={<Link href="#/packages">All packages</Link>}>
        The library has no version “{parameters.version}” of this package.
      </EmptyState>
    );
  }
  return <PackageContent entry={entry} />;
}

function PackageContent({ entry }: { entry: PackageSummary }) {
  const [dialog, setDialog] = useState<'none' | 'deliver' | 'withdraw'>('none');
  const close = () => setDialog('none');
  const mayDeliver = useMay('createDelivery');
  const mayWithdraw = useMay('withdrawPackage');
  return (
    <Page
      title={`${entry.name} ${entry.version}`}
      above={<Position list="Packages" path="/packages" name={entry.name} />}
      actions={
        <>
          {mayDeliver && (
            <Button
              appearance="primary"
              icon={<SendRegular />}
              disabled={entry.withdrawn}
              onClick={() => setDialog('deliver')}
            >
              Deliver
            </Button>
          )}
          {mayWithdraw && (
            <Button icon={<ProhibitedRegular />} disabled={entry.withdrawn} onClick={() => setDialog('withdraw')}>
              Withdraw
            </Button>
          )}
        </>
      }
    >
      {entry.withdrawn && (
        <MessageBar intent="warning">
          <MessageBarBody>This version is withdrawn: it is neither delivered nor served.</MessageBarBody>
        </MessageBar>
      )}
      <Section title="Package">
        <Facts
          facts={[
            ['Size', formatBytes(entry.totalSizeBytes)],
            ['Files', formatCount(entry.files)],
            ['Blocks of 2 MiB', formatCount(entry.blockCount)],
            ['Imported', formatExactTime(entry.createdAtMs)],
            ['Package GUID', entry.guid],
            ['Key', entry.key],
            ['Delivered', <DeliveryProgress key="progress" counts={{ ...entry, agents: entry.assigned }} />],
          ]}
        />
      </Section>
      <DeliveriesTable entry={entry} />
      <PackagePlaces entry={entry} />
      {dialog === 'deliver' && <DeliveryWizard delivered={entry} onClose={close} />}
      {dialog === 'withdraw' && <WithdrawDialog entry={entry} onClose={close} />}
    </Page>
  );
}

function WithdrawDialog({ entry, onClose }: { entry: PackageSummary; onClose: () => void }) {
  const [isBusy, setIsBusy] = useState(false);
  const withdraw = async () => {
    setIsBusy(true);
    try {
      const withdrawn = await callConsole('withdrawPackage', { params: { guid: entry.guid, version: entry.version } });
      replaceInFeed('packages', (list) => list.map((other) => (other.key === withdrawn.key ? withdrawn : other)));
      notify('success', `“${entry.name}” ${entry.version} is withdrawn.`);
      onClose();
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <ConfirmDialog
      open
      title={`Withdraw “${entry.name}” ${entry.version}?`}
      confirmLabel="Withdraw package"
      isBusy={isBusy}
      onConfirm={() => void withdraw()}
      onCancel={onClose}
    >
      No new delivery of this version is possible. {formatQuantity(entry.assigned, 'agent')} that it is assigned to stop
      fetching and serving it and delete their copy. This cannot be undone; importing it again makes a new version.
    </ConfirmDialog>
  );
}
