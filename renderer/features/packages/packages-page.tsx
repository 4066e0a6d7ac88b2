import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useCallback, useMemo, useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { DeliveryProgress } from '../../components/delivery-progress.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFileDrop } from '../../components/file-drop.tsx';
import { formatBytes, formatCount } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useMay } from '../../components/use-answer.ts';
import { useDesktopDeed } from '../../components/use-desktop-deed.ts';
import { Waiting } from '../../components/waiting.tsx';
import { navigate } from '../../stores/route-store.ts';
import { startUpload } from '../../stores/upload-store.ts';
import { DeliveryWizard } from '../deliveries/delivery-wizard.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { ImportList } from './import-list.tsx';
import { packagePath } from './package-paths.ts';

const useStyles = makeStyles({
  whole: { height: '100%' },
  over: { outline: `2px dashed ${tokens.colorCompoundBrandStroke}`, outlineOffset: '-8px' },
});

/** `onDeliver` null: whoever is signed in may not deliver. */
function columnsOf(onDeliver: ((entry: PackageSummary) => void) | null): readonly TableColumn<PackageSummary>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      value: (entry) => entry.name,
      cell: (entry) => <RowLink path={packagePath(entry.guid, entry.version)}>{entry.name}</RowLink>,
      width: 160,
      grow: 3,
    },
    { id: 'version', header: 'Version', value: (entry) => entry.version, width: 80, grow: 1 },
    {
      id: 'size',
      header: 'Size',
      value: (entry) => entry.totalSizeBytes,
      cell: (entry) => formatBytes(entry.totalSizeBytes),
      width: 80,
      grow: 0,
      isNumeric: true,
    },
    {
      id: 'files',
      header: 'Files',
      value: (entry) => entry.files,
      cell: (entry) => formatCount(entry.files),
      width: 60,
      grow: 0,
      isNumeric: true,
    },
    {
      id: 'blocks',
      header: 'Blocks',
      value: (entry) => entry.blockCount,
      cell: (entry) => formatCount(entry.blockCount),
      width: 60,
      grow: 0,
      isNumeric: true,
      isHiddenAtFirst: true,
    },
    {
      id: 'delivered',
      header: 'Delivered',
      value: (entry) => entry.ready,
      cell: (entry) => <DeliveryProgress counts={{ ...entry, agents: entry.assigned }} withdrawn={entry.withdrawn} />,
      width: 250,
      grow: 2,
    },
    {
      id: 'imported',
      header: 'Imported',
      value: (entry) => entry.createdAtMs,
      cell: (entry) => <RelativeTime atMs={entry.createdAtMs} />,
      width: 92,
      grow: 0,
    },
    { id: 'key', header: 'Key', value: (entry) => entry.key, width: 320, grow: 0, isHiddenAtFirst: true },
    ...(onDeliver === null ? [] : [deliverColumn(onDeliver)]),
  ];
}

function deliverColumn(onDeliver: (entry: PackageSummary) => void): TableColumn<PackageSummary> {
  return {
    id: 'action',
    header: 'Action',
    value: (entry) => (entry.withdrawn ? 1 : 0),
    cell: (entry) => (
      <Button
        size="small"
        disabled={entry.withdrawn}
        aria-label={`Deliver ${entry.name} ${entry.version}`}
        onClick={(event) => {
          event.stopPropagation();
          onDeliver(entry);
        }}
      >
        Deliver
      </Button>
    ),
    width: 84,
    grow: 0,
  };
}

/** One file is looked at in the dialog; several become packages of their own names at once. */
async function takeDropped(files: readonly File[], onOne: (file: File) => void): Promise<void> {
  const [first, ...more] = files;
  if (first === undefined) return;
  if (more.length === 0) onOne(first);
  else await Promise.all(files.map((file) => startUpload(file, {})));
}

export function PackagesPage() {
  const styles = useStyles();
  const packages = useTopic('packages');
  const mayDeliver = useMay('createDelivery');
  const mayImport = useMay('startImport');
  /** The dialog is open: with a file that was dragged here, or with none yet. */
  const [importing, setImporting] = useState<{ readonly file: File | null } | null>(null);
  const drop = useFileDrop((files) => void takeDropped(files, (file) => setImporting({ file })));
  useDesktopDeed(
    'import-package',
    useCallback(() => setImporting({ file: null }), []),
  );
  const [delivering, setDelivering] = useState<PackageSummary | null>(null);
  const columns = useMemo(() => columnsOf(mayDeliver ? setDelivering : null), [mayDeliver]);
  const importButton = mayImport && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setImporting({ file: null })}>
      Import package
    </Button>
  );
  return (
    <div
      className={mergeClasses(styles.whole, mayImport && drop.isOver && styles.over)}
      {...(mayImport ? drop.handlers : {})}
    >
      <Page
        title="Packages"
        description={`The library of the Notification Server: every version of every package.${mayImport ? ' Drag a file here to import it.' : ''}`}
        actions={packages !== null && packages.length > 0 ? importButton : undefined}
        isFull
      >
        <ImportList />
        {packages === null && <Waiting label="Waiting for the packages" />}
        {packages !== null && packages.length === 0 && (
          <EmptyState title="The library is empty" action={importButton}>
            Import a file or a folder, or drag a file here. It is hashed and signed once; then it can be delivered to
            any target.
          </EmptyState>
        )}
        {packages !== null && packages.length > 0 && (
          <DataTable
            label="Packages"
            noun="package"
            columns={columns}
            rows={packages}
            rowId={(entry) => entry.key}
            sortedBy={{ id: 'imported', descending: true }}
            onOpen={(entry) => navigate(packagePath(entry.guid, entry.version))}
            isFilling
            empty="No packages."
          />
        )}
        {importing !== null && (
          <ImportDialog packages={packages ?? []} file={importing.file} onClose={() => setImporting(null)} />
        )}
        {delivering !== null && <DeliveryWizard delivered={delivering} onClose={() => setDelivering(null)} />}
      </Page>
    </div>
  );
}
