import { Button, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, LockClosedRegular } from '@fluentui/react-icons';
import { type ComponentType, useEffect } from 'react';
import { useStore } from 'zustand';
import type { FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { useTopic } from '../../components/hooks.ts';
import { Section } from '../../components/page.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { demo, nothingYet } from './demo-memory.ts';
import { CorruptStep, DeliverStep, FleetStep, KillStep, SourcesStep, type StepProps } from './demo-steps.tsx';
import { type DemoStep, demoPackageName, demoSteps, isStepOpen, stepsDone } from './demo-story.ts';

const refreshMs = 2000;

const stepTitles: Record<DemoStep, string> = {
  fleet: 'Meet the fleet',
  deliver: 'One copy over each link',
  kill: 'The first downloader dies',
  corrupt: 'Damaged blocks',
  sources: 'Where every byte came from',
};
const stepParts: Record<DemoStep, ComponentType<StepProps>> = {
  fleet: FleetStep,
  deliver: DeliverStep,
  kill: KillStep,
  corrupt: CorruptStep,
  sources: SourcesStep,
};

const useStyles = makeStyles({
  steps: {
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(150px, 1fr))',
    gap: '6px',
  },
  step: {
    width: '100%',
    height: '100%',
    display: 'flex',
    alignItems: 'center',
    columnGap: '8px',
    padding: '8px 10px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    font: 'inherit',
    textAlign: 'left',
    cursor: 'pointer',
    '& svg': { flexShrink: 0, fontSize: '20px' },
    ':hover:enabled': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
    ':disabled': { color: tokens.colorNeutralForeground2, cursor: 'not-allowed' },
  },
  current: { border: `1px solid ${tokens.colorBrandStroke1}`, boxShadow: `inset 0 -3px ${tokens.colorBrandStroke1}` },
  number: {
    flexShrink: 0,
    boxSizing: 'border-box',
    width: '20px',
    height: '20px',
    display: 'grid',
    placeItems: 'center',
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: '50%',
    fontSize: tokens.fontSizeBase200,
  },
  done: { color: tokens.colorStatusSuccessForeground1 },
  content: { display: 'flex', flexDirection: 'column', rowGap: '10px', paddingTop: '4px', maxWidth: '860px' },
});

/** A story in five steps, of which each has a button that does it and words that tell what really happened. */
export function GuidedDemo({ fleet }: { fleet: FleetStatus }) {
  const isClosed = useStore(demo.store, ({ memory }) => memory.isClosed);
  if (isClosed) {
    return (
      <div>
        <Button onClick={() => demo.remember({ isClosed: false })}>Show the guided demo</Button>
      </div>
    );
  }
  return <OpenDemo fleet={fleet} />;
}

function OpenDemo({ fleet }: { fleet: FleetStatus }) {
  const styles = useStyles();
  const { memory, busy } = useStore(demo.store);
  const agents = useTopic('agents');
  const deliveries = useTopic('deliveries');
  const overview = useTopic('overview');
  const imports = useTopic('imports');
  const claims = useAnswer('firstDownloadersReport', { query: {} }, { everyMs: refreshMs });
  const alerts = useAnswer('alerts', {}, { everyMs: refreshMs });
  const world = {
    fleet,
    agents: agents ?? [],
    deliveries: deliveries ?? [],
    wanCopies: overview?.wanCopies ?? [],
    claims: claims.data?.rows ?? [],
    alerts: alerts.data ?? [],
  };
  const done = stepsDone(world, memory);
  const doneWords = done.join(' ');
  useEffect(() => {
    const { memory: known } = demo.store.getState();
    const reached = demoSteps.filter((step) => doneWords.split(' ').includes(step));
    if (reached.length > known.done.length) demo.remember({ done: reached });
  }, [doneWords]);
  const Part = stepParts[memory.step];
  const path = fleet.demo.packagePath ?? imports?.find(({ name }) => name === demoPackageName)?.path ?? '';
  return (
    <Section
      title="Guided demo"
      actions={
        <>
          <Button size="small" appearance="subtle" onClick={() => demo.remember(nothingYet)}>
            Begin again
          </Button>
          <Button size="small" appearance="subtle" onClick={() => demo.remember({ isClosed: true })}>
            Hide
          </Button>
        </>
      }
    >
      <ol className={styles.steps} aria-label="Steps of the guided demo">
        {demoSteps.map((step, index) => {
          const isDone = done.includes(step);
          const isOpen = isStepOpen(step, done);
          return (
            <li key={step}>
              <button
                type="button"
                className={mergeClasses(styles.step, step === memory.step && styles.current)}
                disabled={!isOpen}
                aria-current={step === memory.step ? 'step' : undefined}
                title={isOpen ? undefined : 'Opens when the steps before have happened'}
                onClick={() => demo.remember({ step })}
              >
                {isDone ? (
                  <CheckmarkCircleFilled className={styles.done} aria-label="Done:" />
                ) : isOpen ? (
                  <span className={styles.number}>{index + 1}</span>
                ) : (
                  <LockClosedRegular aria-hidden />
                )}
                {stepTitles[step]}
              </button>
            </li>
          );
        })}
      </ol>
      <div className={styles.content}>
        <Part
          key={`${memory.step} ${path}`}
          world={world}
          memory={memory}
          isBusy={busy !== null || overview === null}
          path={path}
          nowMs={overview?.atMs ?? 0}
        />
        {busy !== null && (
          <Spinner size="tiny" labelPosition="after" label={busy} style={{ alignSelf: 'flex-start' }} />
        )}
      </div>
    </Section>
  );
}
