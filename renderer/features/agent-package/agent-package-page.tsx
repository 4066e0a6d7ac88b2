import { Button, Field, makeStyles, Select } from '@fluentui/react-components';
import { SaveRegular } from '@fluentui/react-icons';
import { type FormEvent, useEffect, useState } from 'react';
import { agentPackageWarning } from '../../../shared/contracts/agent-package.ts';
import type { AgentPackage } from '../../../shared/contracts/console-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { useTopic } from '../../components/hooks.ts';
import { useLeaveGuard } from '../../components/leave-guard.ts';
import { Page, Section } from '../../components/page.tsx';
import { useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { notify } from '../../stores/notice-store.ts';
import { retentionChoices } from './retention-words.ts';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '16px', maxWidth: '640px' },
  choice: { width: '200px' },
  actions: { display: 'flex', columnGap: '8px' },
});

/** What holds for every agent, whatever its policy. */
export function AgentPackagePage() {
  const [stored, setStored] = useState<AgentPackage | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    callConsole('agentPackage', {}).then(
      (answer) => isWanted && setStored(answer),
      (error: unknown) => isWanted && setProblem(messageOf(error)),
    );
    return () => {
      isWanted = false;
    };
  }, []);
  return (
    <Page title="Agent package" description="What holds for every agent, whatever its policy.">
      {stored !== null && <AgentPackageForm stored={stored} onSaved={setStored} />}
      {stored === null && problem === null && <Waiting label="Waiting for the settings" />}
      {stored === null && problem !== null && (
        <EmptyState title="The settings cannot be shown">{`${problem} Reload the page to try again.`}</EmptyState>
      )}
    </Page>
  );
}

function AgentPackageForm({ stored, onSaved }: { stored: AgentPackage; onSaved: (stored: AgentPackage) => void }) {
  const styles = useStyles();
  const policies = useTopic('policies');
  const mayChange = useMay('updateAgentPackage');
  const [deleteUnusedAfterHours, setHours] = useState(stored.deleteUnusedAfterHours);
  const [isSaving, setIsSaving] = useState(false);
  const isDirty = deleteUnusedAfterHours !== stored.deleteUnusedAfterHours;
  useLeaveGuard(isDirty, '/settings/agent-package');
  const isPeerDownloadingOn = policies?.some(({ settings }) => settings.peerDownloading) ?? false;
  const warning = agentPackageWarning({ deleteUnusedAfterHours }, isPeerDownloadingOn);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setIsSaving(true);
    try {
      onSaved(await callConsole('updateAgentPackage', { body: { deleteUnusedAfterHours } }));
      notify('success', 'The settings of the agent package are saved.');
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
            <Button disabled={!isDirty || isSaving} onClick={() => setHours(stored.deleteUnusedAfterHours)}>
              Discard
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}
