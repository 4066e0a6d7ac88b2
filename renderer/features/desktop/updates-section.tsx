import { Button, Field, Input, makeStyles, ProgressBar, Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { UpdateState, UpdateStep } from '../../../shared/contracts/desktop-bridge.ts';
import { desktopPreferencesSchema } from '../../../shared/contracts/desktop-preferences.ts';
import { answers } from '../../api/answers.ts';
import { messageOf } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Section } from '../../components/page.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { updateWords } from './update-words.ts';

const stateKey = ['desktop', 'updates'];
/** While something is under way. */
const lookEveryMs = 500;
const urlSchema = desktopPreferencesSchema.shape.updateFeedUrl;

const useStyles = makeStyles({
  parts: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '12px', maxWidth: '720px' },
  feed: { display: 'flex', alignItems: 'flex-start', columnGap: '8px', width: '100%' },
  address: { flexGrow: 1 },
  save: { marginTop: '26px' },
  progress: { width: '320px' },
});

interface UpdatesSectionProps {
  readonly feedUrl: string;
  readonly onFeedUrl: (url: string) => Promise<void>;
}

/** Nothing happens here by itself: looking, fetching and installing are three decisions of an administrator. */
export function UpdatesSection({ feedUrl, onFeedUrl }: UpdatesSectionProps) {
  const styles = useStyles();
  // Who may change how agents are delivered to, may change what delivers.
  const mayUpdate = useMay('startBackup');
  const [isConfirming, setIsConfirming] = useState(false);
  const state = useQuery({
    queryKey: stateKey,
    queryFn: async () => (await desktopBridge?.updates()) ?? null,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (isUnderWay(data ?? null) ? lookEveryMs : false),
  });
  const begin = async (step: UpdateStep) => {
    try {
      answers.setQueryData(stateKey, await desktopBridge?.update(step));
    } catch (error) {
      notify('error', messageOf(error));
    }
  };
  const current = state.data ?? null;
  return (
    <Section
      title="Updates"
      hint="Off until an administrator says where new versions are. Fanout never looks, fetches or installs by itself."
    >
      <div className={styles.parts}>
        {mayUpdate ? (
          <FeedForm
            key={feedUrl}
            feedUrl={feedUrl}
            onSave={async (url) => {
              await onFeedUrl(url);
              await answers.invalidateQueries({ queryKey: stateKey });
            }}
          />
        ) : (
          <Text>Administrators update Fanout.</Text>
        )}
        {current !== null && <Text role="status">{updateWords(current)}</Text>}
        {current?.kind === 'downloading' && (
          <ProgressBar className={styles.progress} value={current.percent / 100} aria-label="Download of the update" />
        )}
        {mayUpdate && current !== null && (
          <StepButton
            state={current}
            onBegin={(step) => (step === 'install' ? setIsConfirming(true) : void begin(step))}
          />
        )}
      </div>
      {current?.kind === 'downloaded' && (
        <ConfirmDialog
          open={isConfirming}
          title={`Install Fanout ${current.version}?`}
          confirmLabel="Install and start again"
          onConfirm={() => {
            setIsConfirming(false);
            void begin('install');
          }}
          onCancel={() => setIsConfirming(false)}
        >
          The Notification Server and the embedded agents stop; when the new version has started, they go on. Agents
          hand each other what they have meanwhile. Back the server up first.
        </ConfirmDialog>
      )}
    </Section>
  );
}

function isUnderWay(state: UpdateState | null): boolean {
  return state !== null && ['checking', 'downloading', 'installing'].includes(state.kind);
}

function StepButton({ state, onBegin }: { state: UpdateState; onBegin: (step: UpdateStep) => void }) {
  switch (state.kind) {
    case 'available':
      return state.obstacle === '' ? (
        <Button appearance="primary" onClick={() => onBegin('download')}>
          Download {state.version}
        </Button>
      ) : null;
    case 'downloaded':
      return (
        <Button appearance="primary" onClick={() => onBegin('install')}>
          Install and start again…
        </Button>
      );
    case 'unknown':
    case 'newest':
    case 'failed':
      return <Button onClick={() => onBegin('check')}>Look for a new version</Button>;
    default:
      return null;
  }
}

function FeedForm({ feedUrl, onSave }: { feedUrl: string; onSave: (url: string) => Promise<void> }) {
  const styles = useStyles();
  const [url, setUrl] = useState(feedUrl);
  const [isChecked, setIsChecked] = useState(false);
  const parsed = urlSchema.safeParse(url.trim());
  const problem = isChecked && !parsed.success ? (parsed.error.issues[0]?.message ?? null) : null;
  const save = (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    if (parsed.success) void onSave(parsed.data);
  };
  return (
    <form className={styles.feed} aria-label="Update feed" onSubmit={save} noValidate>
      <Field
        label="Address of the update feed"
        hint="The folder that holds latest.yml, latest-mac.yml or latest-linux.yml. Empty: no updates."
        className={styles.address}
        {...problemOf(problem)}
      >
        <Input
          value={url}
          autoComplete="off"
          placeholder="https://updates.example/fanout"
          onChange={(_event, data) => setUrl(data.value)}
        />
      </Field>
      <Button type="submit" className={styles.save} disabled={url.trim() === feedUrl}>
        Save
      </Button>
    </form>
  );
}
