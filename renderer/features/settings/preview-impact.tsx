import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Text,
} from '@fluentui/react-components';
import { useCallback, useEffect, useState } from 'react';
import type { PolicyDraft } from '../../../shared/contracts/console-api.ts';
import {
  defaultGeneratedOrganisation,
  defaultSimulationRequest,
  previewAgentBound,
} from '../../../shared/contracts/simulation.ts';
import type { SimulationOrder } from '../../../shared/contracts/simulations-api.ts';
import { defaultServerOrganisation } from '../../../shared/contracts/simulations-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { FocusReturn } from '../../components/focus-return.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { SimulationState } from '../simulation/simulation-progress.tsx';
import { SimulationResults } from '../simulation/simulation-results.tsx';
import { isUnderWay } from '../simulation/simulation-words.ts';
import { useSimulation } from '../simulation/use-simulation.ts';

/** As long as somebody waits gladly who wants to save. */
const previewWallSeconds = 10;

const useStyles = makeStyles({
  wide: { maxWidth: 'min(1040px, calc(100vw - 48px))', width: '100%' },
  content: { display: 'flex', flexDirection: 'column', rowGap: '12px', minHeight: '200px' },
});

export interface ImpactSubject {
  readonly policyId: string;
  readonly name: string;
  readonly edited: PolicyDraft;
  /** Null: nothing is edited, and there is nothing to compare with. */
  readonly saved: PolicyDraft | null;
}

/** What the policy would do that is being edited, beside the same for what is saved: on a model, before anybody has it. */
export function PreviewImpact({ subject, onClose }: { subject: ImpactSubject; onClose: () => void }) {
  const styles = useStyles();
  const [where, setWhere] = useState<'server' | 'generated'>('server');
  const [id, setId] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { job, problem, askAgain } = useSimulation(id);
  const start = useStarted(subject, where, setId, setRefusal);
  useEffect(start, [start]);
  const tryGenerated = () => {
    setRefusal(null);
    setWhere('generated');
  };
  return (
    <Dialog open onOpenChange={(_event, data) => data.open || onClose()}>
      <DialogSurface className={styles.wide}>
        <FocusReturn />
        <DialogBody>
          <DialogTitle>Impact of “{subject.name}”</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>
              A package of {defaultSimulationRequest.packageMebibytes} MiB goes to{' '}
              {where === 'server' ? 'the agents that would have this policy' : 'a generated organisation'}, in virtual
              time and by the agents' own code. Nothing is saved, and no agent hears of it.
            </Text>
            {refusal !== null && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{refusal}</MessageBarBody>
                {where === 'server' && (
                  <MessageBarActions>
                    <Button size="small" onClick={tryGenerated}>
                      Try it on a generated organisation
                    </Button>
                  </MessageBarActions>
                )}
              </MessageBar>
            )}
            {job === null && problem !== null && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{problem}</MessageBarBody>
              </MessageBar>
            )}
            {job === null && refusal === null && problem === null && <Waiting label="Building the organisation" />}
            {job !== null && <SimulationState job={job} onChanged={askAgain} />}
            {job !== null && job.results !== null && <SimulationResults job={job} results={job.results} />}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              {job !== null && isUnderWay(job) ? 'Cancel and close' : 'Close'}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

/** Begins the simulation; what it returns ends it again, with the dialog. */
function useStarted(
  subject: ImpactSubject,
  where: 'server' | 'generated',
  onStarted: (id: string) => void,
  onRefused: (sentence: string) => void,
) {
  return useCallback(() => {
    let isOver = false;
    let started: Promise<{ readonly id: string }> | null = null;
    // A development build mounts everything twice: what is taken back at once is never ordered.
    const timer = setTimeout(() => {
      started = callConsole('startSimulation', { body: orderOf(subject, where) });
      started.then(
        ({ id }) => isOver || onStarted(id),
        (error: unknown) => isOver || onRefused(messageOf(error)),
      );
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
      // One that has ended stays what it is; one that was refused is none.
      started?.then(({ id }) => callConsole('cancelSimulation', { params: { id } })).catch(() => undefined);
    };
  }, [subject, where, onStarted, onRefused]);
}

function orderOf({ policyId, edited, saved }: ImpactSubject, where: 'server' | 'generated'): SimulationOrder {
  const { settings: _settings, organisation: _organisation, ...usual } = defaultSimulationRequest;
  const variants =
    saved === null
      ? [{ name: 'As saved', settings: edited.settings }]
      : [
          { name: 'With your changes', settings: edited.settings },
          { name: 'As saved', settings: saved.settings },
        ];
  return {
    ...usual,
    organisation:
      where === 'server'
        ? { ...defaultServerOrganisation, policy: { id: policyId, target: edited.target } }
        : defaultGeneratedOrganisation,
    variants,
    agentBound: previewAgentBound,
    maximumWallSeconds: previewWallSeconds,
  };
}
