import { Button, Checkbox, Field, Input, Text } from '@fluentui/react-components';
import { useState } from 'react';
import type { BackupJob } from '../../../shared/contracts/operation-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatBytes } from '../../components/format.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { notify } from '../../stores/notice-store.ts';

const lookEveryMs = 1_000;

/** Into a folder of the server's computer, while the server works. */
export function BackupDialog({ onClose }: { onClose: () => void }) {
  const [folder, setFolder] = useState('');
  const [packages, setPackages] = useState(true);
  const [isChecked, setIsChecked] = useState(false);
  const problem =
    isChecked && folder.trim() === '' ? 'Enter the path of a folder that is empty or not there yet.' : null;
  const choose = async () => {
    const chosen = await desktopBridge?.chooseBackupFolder();
    if (chosen != null) setFolder(chosen);
  };
  const check = () => {
    setIsChecked(true);
    return folder.trim() !== '';
  };
  const submit = async () => {
    const job = await callConsole('startBackup', { body: { folder: folder.trim(), packages } });
    notify('info', `Backing up into ${job.folder} …`);
    void follow(job);
  };
  return (
    <FormDialog
      title="Back up the server"
      submitLabel="Back up"
      typed={folder}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>
        Copies everything that the server needs to start again: its keys, its database and, if you say so, the packages.
        It goes on working meanwhile. Whoever has the copy can be this server, so keep it as you keep its keys.
      </Text>
      <Field label="Folder on the Notification Server’s computer" required {...problemOf(problem)}>
        <Input
          value={folder}
          autoComplete="off"
          placeholder="/srv/backups/fanout-today"
          onChange={(_event, data) => setFolder(data.value)}
        />
      </Field>
      {desktopBridge !== null && (
        <div>
          <Button onClick={() => void choose()}>Choose a folder…</Button>
        </div>
      )}
      <Checkbox
        label="With the files of the packages"
        checked={packages}
        onChange={(_event, data) => setPackages(data.checked === true)}
      />
    </FormDialog>
  );
}

/** Until it has ended; the person may be on another page by then. */
async function follow(started: BackupJob): Promise<void> {
  let job = started;
  try {
    while (job.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      job = await callConsole('backup', {});
    }
  } catch (error) {
    notify('error', `How the backup ended cannot be asked: ${messageOf(error)}`);
    return;
  }
  if (job.state === 'failed') notify('error', `The backup failed: ${job.message}`);
  else notify('success', `The backup is complete: ${formatBytes(job.bytes)} in ${job.folder}.`);
}
