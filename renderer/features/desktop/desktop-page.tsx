import { Field, Link, makeStyles, Radio, RadioGroup, Switch, Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type DesktopPreferences, desktopPreferencesSchema } from '../../../shared/contracts/desktop-preferences.ts';
import { answers } from '../../api/answers.ts';
import { messageOf } from '../../api/console-client.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { NumberInput } from '../../components/number-input.tsx';
import { Page, Section } from '../../components/page.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { notify } from '../../stores/notice-store.ts';
import { UpdatesSection } from './updates-section.tsx';

const preferencesKey = ['desktop', 'preferences'];

const useStyles = makeStyles({
  /** Below the words of its switch. */
  share: { marginLeft: '60px' },
  choices: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '8px', maxWidth: '720px' },
});

/** What is chosen for the window on this computer, and holds for whoever uses it. */
export function DesktopPage() {
  const preferences = useQuery({
    queryKey: preferencesKey,
    queryFn: async () => (await desktopBridge?.preferences()) ?? null,
  });
  return (
    <Page title="Desktop application" description="What holds for this window on this computer.">
      {desktopBridge === null ? (
        <EmptyState title="This is a browser" action={<Link href="#/overview">Go to the Overview</Link>}>
          Notifications and the window are set in the desktop application of the computer that the Notification Server
          runs on.
        </EmptyState>
      ) : preferences.data == null ? (
        <Waiting label="Reading the preferences" />
      ) : (
        <Preferences current={preferences.data} />
      )}
    </Page>
  );
}

async function change(changes: Partial<DesktopPreferences>): Promise<void> {
  try {
    answers.setQueryData(preferencesKey, await desktopBridge?.changePreferences(changes));
  } catch (error) {
    notify('error', `The preferences were not saved: ${messageOf(error)}`);
  }
}

function Preferences({ current }: { current: DesktopPreferences }) {
  const styles = useStyles();
  const description = useQuery({
    queryKey: ['desktop'],
    queryFn: async () => (await desktopBridge?.describe()) ?? null,
    staleTime: Infinity,
  });
  const toggle = (name: 'notifyOfFinishedDeliveries' | 'notifyOfPenetration' | 'notifyOfAlerts', label: string) => (
    <Switch
      label={label}
      checked={current[name]}
      onChange={(_event, { checked }) => void change({ [name]: checked })}
    />
  );
  return (
    <>
      <Section title="Notifications" hint="Shown by the system; a click opens the page.">
        <div className={styles.choices}>
          {description.data?.hasNotifications === false && (
            <Text>This system shows no notifications at present. What is chosen here holds when it does.</Text>
          )}
          {toggle('notifyOfFinishedDeliveries', 'A delivery has finished')}
          {toggle('notifyOfPenetration', 'A delivery has reached a share of its agents')}
          <Penetration current={current} />
          {toggle('notifyOfAlerts', 'An agent hands out corrupt blocks, or is there twice')}
        </div>
      </Section>
      <Section title="Window">
        <Field label="Closing the window">
          <RadioGroup
            value={current.whenWindowCloses}
            onChange={(_event, { value }) =>
              void change({ whenWindowCloses: value === 'keep-running' ? 'keep-running' : 'quit' })
            }
          >
            <Radio
              value="quit"
              label="Quits Fanout: the Notification Server stops. Asks first while deliveries are running."
            />
            <Radio
              value="keep-running"
              label={
                description.data?.platform === 'linux'
                  ? 'Keeps Fanout running: the window is minimised. “Quit” in the menu or the tray ends it.'
                  : 'Keeps Fanout running beside the clock. “Quit” in the menu or the tray ends it.'
              }
            />
          </RadioGroup>
        </Field>
      </Section>
      <UpdatesSection feedUrl={current.updateFeedUrl} onFeedUrl={(updateFeedUrl) => change({ updateFeedUrl })} />
    </>
  );
}

const percentSchema = desktopPreferencesSchema.shape.penetrationPercent;

function Penetration({ current }: { current: DesktopPreferences }) {
  const [percent, setPercent] = useState(current.penetrationPercent);
  const parsed = percentSchema.safeParse(percent);
  const problem = parsed.success ? null : (parsed.error.issues[0]?.message ?? null);
  const styles = useStyles();
  return (
    <Field className={styles.share} label="Share of the agents" {...problemOf(problem)}>
      <NumberInput
        number={percent}
        unit="%"
        isInvalid={problem !== null}
        onChange={(next) => {
          setPercent(next);
          if (percentSchema.safeParse(next).success) void change({ penetrationPercent: next });
        }}
      />
    </Field>
  );
}
