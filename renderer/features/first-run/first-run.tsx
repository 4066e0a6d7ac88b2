import { Button, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { BuildingRegular, DesktopFlowRegular } from '@fluentui/react-icons';
import { type ReactNode, useState } from 'react';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { Page } from '../../components/page.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { startDemoFleet } from '../fleet/fleet-deeds.ts';

const useStyles = makeStyles({
  choices: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))',
    gap: '16px',
    maxWidth: '960px',
  },
  choice: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '10px',
    padding: '24px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  icon: { fontSize: '32px', color: tokens.colorBrandForeground1 },
  title: { margin: 0 },
  points: { margin: 0, paddingLeft: '20px', flexGrow: 1, '& li': { marginBottom: '6px' } },
  button: { alignSelf: 'flex-start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Whether an administrator still has to choose; null until that is known. False for all others. */
export function useIsFirstRun(): boolean | null {
  const mayChoose = useMay('chooseFirstRun');
  const { data, problem } = useAnswer('firstRun', {}, { isAsked: mayChoose });
  if (!mayChoose || (data === null && problem !== null)) return false;
  return data === null ? null : data.isDue;
}

/** What an administrator is asked on a server that nobody has used yet; the answer is remembered there. */
export function FirstRun() {
  const styles = useStyles();
  const [isBusy, setIsBusy] = useState(false);
  const startFleet = async () => {
    setIsBusy(true);
    if (await startDemoFleet()) {
      askAgain('firstRun');
      navigate('/fleet');
      return;
    }
    setIsBusy(false);
  };
  const beginEmpty = async () => {
    setIsBusy(true);
    try {
      await callConsole('chooseFirstRun', { body: { choice: 'empty' } });
      askAgain('firstRun');
    } catch (error) {
      notify('error', messageOf(error));
      setIsBusy(false);
    }
  };
  return (
    <Page
      title="Welcome to Fanout"
      description="This server has no agent and no package yet. How do you want to begin?"
    >
      <div className={styles.choices}>
        <Choice
          title="With a demo fleet"
          icon={<DesktopFlowRegular className={styles.icon} aria-hidden />}
          points={[
            '12 agents in 3 subnets on this computer, each subnet behind a WAN link of 20 Mbit/s.',
            'A real file of 100 MB or more is delivered to all of them: watch one copy cross each link.',
            'Everything stays on loopback addresses; nothing is sent to the network.',
            'It has a policy and sites of its own, can be stopped on the Fleet page, and takes some 2 GB of disk.',
          ]}
        >
          <Button appearance="primary" className={styles.button} disabled={isBusy} onClick={() => void startFleet()}>
            Start a demo fleet of 12 agents on this computer
          </Button>
        </Choice>
        <Choice
          title="With your own computers"
          icon={<BuildingRegular className={styles.icon} aria-hidden />}
          points={[
            'The server stays empty; the Overview shows the command that lets a computer join.',
            'Peer downloading is off until a policy turns it on.',
            'A demo fleet can still be started on the Fleet page.',
          ]}
        >
          <Button className={styles.button} disabled={isBusy} onClick={() => void beginEmpty()}>
            Begin empty
          </Button>
        </Choice>
      </div>
      <Text size={200} className={styles.quiet}>
        The server remembers what you choose; nobody is asked again.
      </Text>
    </Page>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly icon: ReactNode;
  readonly points: readonly string[];
  readonly children: ReactNode;
}

function Choice({ title, icon, points, children }: ChoiceProps) {
  const styles = useStyles();
  return (
    <section className={styles.choice} aria-label={title}>
      {icon}
      <Subtitle1 as="h2" className={styles.title}>
        {title}
      </Subtitle1>
      <ul className={styles.points}>
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      {children}
    </section>
  );
}
