import { Button, Field, makeStyles, Select } from '@fluentui/react-components';
import { SaveRegular } from '@fluentui/react-icons';
import { type FormEvent, useState } from 'react';
import { agentPackageWarning } from '../../../shared/contracts/agent-package.ts';
import type { AgentPackage } from '../../../shared/contracts/console-api.ts';
import { answers, questionOf } from '../../api/answers.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { useTopic } from '../../components/hooks.ts';
import { useLeaveGuard } from '../../components/leave-guard.ts';
import { Page, Section } from '../../components/page.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { retentionChoices } from './retention-words.ts';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '16px', maxWidth: '640px' },
  choice: { width: '200px' },
  actions: { display: 'flex', columnGap: '8px' },
});

/** What holds for every agent, whatever its policy. */
export function AgentPackagePage() {
  const answer = useAnswer('agentPackage', {});
  return (
    <Page title="Agent package" description="What holds for every agent, whatever its policy.">
      <AnswerView answer={answer} label="Reading the settings">
        {(stored) => <AgentPackageForm stored={stored} />}
      </AnswerView>
    </Page>
  );
}

function AgentPackageForm({ stored }: { stored: AgentPackage }) {
  const styles = useStyles();
  const policies = useTopic('policies');
  const mayChange = useMay('updateAgentPackage');
  /** Null: as it is stored. */
  const [chosen, setHours] = useState<number | null>(null);
  const deleteUnusedAfterHours = chosen ?? stored.deleteUnusedAfterHours;
  const [isSaving, setIsSaving] = useState(false);
  const isDirty = deleteUnusedAfterHours !== stored.deleteUnusedAfterHours;
  useLeaveGuard(isDirty, '/settings/agent-package');
  const isPeerDownloadingOn = policies?.some(({ settings }) => settings.peerDownloading) ?? false;
  const warning = agentPackageWarning({ deleteUnusedAfterHours }, isPeerDownloadingOn);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setIsSaving(true);
    try {
      const { answer, changes } = await changeConsole('updateAgentPackage', { body: { deleteUnusedAfterHours } });
      answers.setQueryData(questionOf('agentPackage', {}).queryKey, answer);
      setHours(null);
      notifyChange('The settings of the agent package are saved.', changes);
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsSaving(false);
    }
  };

  return (
    <Section title="Package files">
      <form className={styles.form} aria-label="Agent package" onSubmit={(event) => void save(event)}>
        <Field
          label="Package files will be deleted from the client computer if unused for"
          hint="Serving a peer counts as use. A package that is being downloaded is never deleted."
          {...(warning === null ? {} : { validationMessage: warning, validationState: 'warning' as const })}
        >
          <Select
            className={styles.choice}
            disabled={!mayChange}
            value={String(deleteUnusedAfterHours)}
            onChange={(_event, data) => setHours(Number(data.value))}
          >
            {retentionChoices(stored.deleteUnusedAfterHours).map(({ hours, label }) => (
              <option key={hours} value={hours}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        {mayChange && (
          <div className={styles.actions}>
            <Button type="submit" appearance="primary" icon={<SaveRegular />} disabled={!isDirty || isSaving}>
              Save changes
            </Button>
            <Button disabled={!isDirty || isSaving} onClick={() => setHours(null)}>
              Discard
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}
