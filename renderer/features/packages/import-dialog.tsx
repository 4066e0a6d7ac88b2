import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { type FormEvent, useRef, useState } from 'react';
import { importRequestSchema, type PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { ImportKind } from '../../../shared/contracts/desktop-bridge.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { formatBytes } from '../../components/format.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { startUpload } from '../../stores/upload-store.ts';

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
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
  readonly onClose: () => void;
}

/** One entry for each package, its newest version's name first. */
function packagesByGuid(packages: readonly PackageSummary[]): readonly PackageSummary[] {
  const newest = new Map<string, PackageSummary>();
  for (const entry of [...packages].sort((a, b) => a.createdAtMs - b.createdAtMs)) newest.set(entry.guid, entry);
  return [...newest.values()];
}

export function ImportDialog({ packages, onClose }: ImportDialogProps) {
  const styles = useStyles();
  const [origin, setOrigin] = useState<'server' | 'here'>('server');
  const [path, setPath] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [version, setVersion] = useState('');
  const [guid, setGuid] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

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

  const takePath = (chosen: string) => {
    setPath(chosen);
    setRefusal(null);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    if (!request.success) return;
    if (origin === 'here') {
      if (file === null) return;
      onClose();
      await startUpload(file, details);
      return;
    }
    setIsBusy(true);
    try {
      const job = await callConsole('startImport', { body: request.data });
      replaceInFeed('imports', (jobs) => [job, ...jobs.filter((other) => other.id !== job.id)]);
      onClose();
    } catch (error) {
      setRefusal(messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <Dialog open onOpenChange={(_event, data) => data.open || onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <DialogBody>
            <DialogTitle>Import a package</DialogTitle>
            <DialogContent className={styles.fields}>
              <Field label="Where is it?">
                <RadioGroup
                  value={origin}
                  onChange={(_event, data) => setOrigin(data.value === 'here' ? 'here' : 'server')}
                >
                  <Radio value="server" label="A file or folder on the Notification Server’s computer" />
                  <Radio value="here" label="A file on this computer, to be uploaded" />
                </RadioGroup>
              </Field>
              {origin === 'server' ? (
                <Field label="Path" required {...problemOf(problem('path') ?? refusal)}>
                  <Input
                    value={path}
                    autoComplete="off"
                    placeholder="/srv/packages/setup.msi"
                    onChange={(_event, data) => takePath(data.value)}
                  />
                </Field>
              ) : (
                <FileField
                  file={file}
                  onChange={setFile}
                  problem={isChecked && file === null ? 'Choose a file.' : null}
                />
              )}
              {origin === 'server' && <NativeChoice onChoose={takePath} />}
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
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={isBusy}>
                Import
              </Button>
              <Button onClick={onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
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
