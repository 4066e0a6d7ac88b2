import { Checkbox, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { type Channel, type ManifestStatus, manifestRequestSchema } from '../../../shared/contracts/channels-api.ts';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, changeConsole, messageOf } from '../../api/console-client.ts';
import { FileDrop } from '../../components/file-drop.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { channelSaved } from './channel-changes.ts';
import { manifestLines, manifestSum } from './manifest-words.ts';

const useStyles = makeStyles({
  list: { margin: 0, paddingLeft: '20px', maxHeight: '220px', overflowY: 'auto' },
  problem: { color: tokens.colorStatusDangerForeground1 },
  quiet: { color: tokens.colorNeutralForeground2 },
});

type Tried =
  | { readonly kind: 'nothing' | 'trying' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'ready'; readonly xml: string; readonly would: ManifestStatus };

/** What the server would do, or every line that is wrong, in its words. */
async function tryManifest(id: string, xml: string, removeOthers: boolean): Promise<Tried> {
  const request = manifestRequestSchema.safeParse({ xml });
  if (!request.success) return { kind: 'wrong', problems: request.error.issues.map(({ message }) => message) };
  try {
    const body = { xml, dryRun: true, removeOthers };
    return { kind: 'ready', xml, would: await callConsole('importChannelManifest', { params: { id }, body }) };
  } catch (error) {
    const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
    return { kind: 'wrong', problems: fields.length === 0 ? [messageOf(error)] : fields.map(({ message }) => message) };
  }
}

/** A manifest is tried before anything changes. */
export function ManifestDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const styles = useStyles();
  const [file, setFile] = useState<{ readonly name: string; readonly xml: string } | null>(null);
  const [removeOthers, setRemoveOthers] = useState(false);
  const [tried, setTried] = useState<Tried>({ kind: 'nothing' });
  const folder = useAnswer('importFolder', {}).data?.folder ?? null;
  const look = async (xml: string, isRemoving: boolean) => {
    setTried({ kind: 'trying' });
    setTried(await tryManifest(channel.id, xml, isRemoving));
  };
  const take = async (chosen: File) => {
    const xml = await chosen.text();
    setFile({ name: chosen.name, xml });
    await look(xml, removeOthers);
  };
  const submit = async () => {
    if (tried.kind !== 'ready') return;
    const { answer, changes } = await changeConsole('importChannelManifest', {
      params: { id: channel.id },
      body: { xml: tried.xml, removeOthers },
    });
    askAgain('channelManifest');
    channelSaved(
      answer.state === 'importing'
        ? 'The sources of the manifest become packages; the channel changes when the last one is there.'
        : `The manifest is in “${channel.name}”: ${manifestSum(answer)}`,
      changes,
    );
  };
  return (
    <FormDialog
      title={`Import a manifest into “${channel.name}”`}
      submitLabel="Import manifest"
      isWide
      typed={file?.name ?? null}
      onCheck={() => tried.kind === 'ready'}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>
        An XML file puts many packages into the channel at once: all of them or none.{' '}
        {folder === null
          ? 'This server has no folder to import sources from; packages of the library can be named.'
          : `Sources are files and folders below ${folder} on the server.`}
      </Text>
      <FileDrop label="Manifest" accept=".xml,text/xml,application/xml" name={file?.name ?? null} onFile={take} />
      <Checkbox
        label="Take out of the channel what the manifest does not name"
        checked={removeOthers}
        onChange={(_event, data) => {
          setRemoveOthers(data.checked === true);
          if (file !== null) void look(file.xml, data.checked === true);
        }}
      />
      {tried.kind === 'trying' && <Spinner size="tiny" label="Trying the manifest" labelPosition="after" />}
      {tried.kind === 'wrong' && (
        <>
          <Text role="alert">Nothing would be imported:</Text>
          <ul className={styles.list} aria-label="What is wrong">
            {tried.problems.map((problem) => (
              <li key={problem} className={styles.problem}>
                {problem}
              </li>
            ))}
          </ul>
        </>
      )}
      {tried.kind === 'ready' && (
        <>
          <ul className={styles.list} aria-label="What will happen">
            {manifestLines(tried.would).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <Text className={styles.quiet} role="status">
            {manifestSum(tried.would)}
          </Text>
        </>
      )}
    </FormDialog>
  );
}
