import { Button, Field, Input, makeStyles, Radio, RadioGroup, Select, Text, tokens } from '@fluentui/react-components';
import { useRef, useState } from 'react';
import { importRequestSchema, type PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { ImportKind } from '../../../shared/contracts/desktop-bridge.ts';
import { callConsole } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatBytes } from '../../components/format.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { startUpload } from '../../stores/upload-store.ts';

const useStyles = makeStyles({
  file: { display: 'flex', alignItems: 'center', columnGap: '12px', minHeight: '32px' },
  fileInput: { display: 'none' },
  pair: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 1fr)',
    columnGap: '12px',
    alignItems: 'start',
  },
  narrow: { minWidth: 0, width: '100%' },
  problem: { color: tokens.colorStatusDangerForeground1 },
});

interface ImportDialogProps {
  readonly packages: readonly PackageSummary[];
  /** A file that was dragged here; null = none yet. */
  readonly file: File | null;
  readonly onClose: () => void;
}

/** One entry for each package, its newest version's name first. */
function packagesByGuid(packages: readonly PackageSummary[]): readonly PackageSummary[] {
  const newest = new Map<string, PackageSummary>();
  for (const entry of [...packages].sort((a, b) => a.createdAtMs - b.createdAtMs)) newest.set(entry.guid, entry);
  return [...newest.values()];
}

export function ImportDialog({ packages, file: dropped, onClose }: ImportDialogProps) {
  const styles = useStyles();
  const [origin, setOrigin] = useState<'server' | 'here'>(dropped === null ? 'server' : 'here');
  const [path, setPath] = useState('');
  const [file, setFile] = useState<File | null>(dropped);
  const [name, setName] = useState('');
  const [version, setVersion] = useState('');
  const [guid, setGuid] = useState('');
  const [isChecked, setIsChecked] = useState(false);

  const details = {
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(version.trim() === '' ? {} : { version: version.trim() }),
  };
  const request = importRequestSchema.safeParse({
    path: origin === 'server' ? path.trim() : (file?.name ?? ''),
    ...details,
    ...(guid === '' ? {} : { guid }),
  });
  const problem = (field: string) => {
    if (!isChecked || request.success) return null;
    return request.error.issues.find((issue) => issue.path[0] === field)?.message ?? null;
  };

  const check = () => {
    setIsChecked(true);
    return request.success && (origin === 'server' || file !== null);
  };
  const submit = async () => {
    if (origin === 'here') {
      // Its progress stands in the list of imports.
      if (file !== null) void startUpload(file, details);
      return;
    }
    if (!request.success) return;
    const job = await callConsole('startImport', { body: request.data });
    replaceInFeed('imports', (jobs) => [job, ...jobs.filter((other) => other.id !== job.id)]);
  };

  return (
    <FormDialog
      title="Import a package"
      submitLabel="Import"
      typed={{ path, file: file?.name, name, version, guid }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Where is it?">
        <RadioGroup value={origin} onChange={(_event, data) => setOrigin(data.value === 'here' ? 'here' : 'server')}>
          <Radio value="server" label="A file or folder on the Notification Server’s computer" />
          <Radio value="here" label="A file on this computer, to be uploaded" />
        </RadioGroup>
      </Field>
      {origin === 'server' ? (
        <Field label="Path" required {...problemOf(problem('path'))}>
          <Input
            value={path}
            autoComplete="off"
            placeholder="/srv/packages/setup.msi"
            onChange={(_event, data) => setPath(data.value)}
          />
        </Field>
      ) : (
        <FileField file={file} onChange={setFile} problem={isChecked && file === null ? 'Choose a file.' : null} />
      )}
      {origin === 'server' && <NativeChoice onChoose={setPath} />}
      <div className={styles.pair}>
        <Field label="Name" hint="Empty: the name of the file or folder." {...problemOf(problem('name'))}>
          <Input value={name} onChange={(_event, data) => setName(data.value)} />
        </Field>
        <Field label="Version" {...problemOf(problem('version'))}>
          <Input
            className={styles.narrow}
            value={version}
            placeholder="1.0"
            onChange={(_event, data) => setVersion(data.value)}
          />
        </Field>
      </div>
      {origin === 'server' && packages.length > 0 && (
        <Field label="Import as">
          <Select value={guid} onChange={(_event, data) => setGuid(data.value)}>
            <option value="">A new package</option>
            {packagesByGuid(packages).map((entry) => (
              <option key={entry.guid} value={entry.guid}>
                A new version of {entry.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </FormDialog>
  );
}

/** In the desktop window the server's computer is this one, so that its own dialogs can be used. */
function NativeChoice({ onChoose }: { onChoose: (path: string) => void }) {
  const styles = useStyles();
  if (desktopBridge === null) return null;
  const choose = async (kind: ImportKind) => {
    const chosen = await desktopBridge?.chooseImportPath(kind);
    if (chosen != null) onChoose(chosen);
  };
  return (
    <div className={styles.file}>
      <Button onClick={() => void choose('file')}>Choose a file…</Button>
      <Button onClick={() => void choose('folder')}>Choose a folder…</Button>
    </div>
  );
}

function FileField(props: { file: File | null; onChange: (file: File | null) => void; problem: string | null }) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  return (
    <Field label="File" required {...problemOf(props.problem)}>
      <div className={styles.file}>
        <Button onClick={() => input.current?.click()}>Choose a file</Button>
        <Text>{props.file === null ? 'None chosen' : `${props.file.name} · ${formatBytes(props.file.size)}`}</Text>
        <input
          ref={input}
          type="file"
          className={styles.fileInput}
          aria-label="File to upload"
          onChange={(event) => props.onChange(event.target.files?.[0] ?? null)}
        />
      </div>
    </Field>
  );
}
