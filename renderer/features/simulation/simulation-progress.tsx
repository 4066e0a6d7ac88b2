import { Button, MessageBar, MessageBarBody, makeStyles, ProgressBar, Text } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { SimulationJob } from '../../../shared/contracts/simulations-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { isUnderWay, progressWords } from './simulation-words.ts';

const useStyles = makeStyles({
  running: { display: 'flex', flexDirection: 'column', rowGap: '8px', maxWidth: '640px' },
  cancel: { alignSelf: 'flex-start' },
});

/** How far a simulation is, with the way to stop it; or why there is no result. Nothing where there is one. */
export function SimulationState({ job, onChanged }: { job: SimulationJob; onChanged: () => void }) {
  const styles = useStyles();
  const [isCancelling, setIsCancelling] = useState(false);
  const mayCancel = useMay('cancelSimulation');
  if (isUnderWay(job)) {
    const { progress } = job;
    const cancel = async () => {
      setIsCancelling(true);
      try {
        await callConsole('cancelSimulation', { params: { id: job.id } });
      } catch (error) {
        notify('error', messageOf(error));
      } finally {
        setIsCancelling(false);
        onChanged();
      }
    };
    return (
      <div className={styles.running}>
        <Text>
          {job.state === 'waiting' ? 'Another simulation runs; this one waits for its turn.' : progressWords(job)}
        </Text>
        <ProgressBar
          aria-label="Simulation"
          {...(progress === null ? {} : { value: progress.ready, max: Math.max(1, progress.agents) })}
        />
        {mayCancel && (
          <Button
            className={styles.cancel}
            icon={<DismissRegular />}
            disabled={isCancelling}
            onClick={() => void cancel()}
          >
            Cancel simulation
          </Button>
        )}
      </div>
    );
  }
  if (job.state === 'done') return null;
  return (
    <MessageBar intent={job.state === 'failed' ? 'error' : 'info'} layout="multiline">
      <MessageBarBody>{job.problem ?? 'The simulation was cancelled.'}</MessageBarBody>
    </MessageBar>
  );
}
