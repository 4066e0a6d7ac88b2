import { Button, Field, Input, makeStyles, Radio, RadioGroup, Text, tokens } from '@fluentui/react-components';
import { ArrowResetRegular, SaveRegular } from '@fluentui/react-icons';
import { type FormEvent, useState } from 'react';
import type { PlugInPolicy } from '../../../shared/contracts/plug-in-policy.ts';
import {
  defaultPlugInPolicy,
  plugInPolicySchema,
  plugInPolicyWarning,
} from '../../../shared/contracts/plug-in-policy.ts';
import { answers, questionOf } from '../../api/answers.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { useLeaveGuard } from '../../components/leave-guard.ts';
import { Page, Section } from '../../components/page.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { timeOfDay } from '../settings/time-of-day.ts';

const path = '/settings/software-update-plug-in';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '12px', maxWidth: '640px' },
  choices: { margin: 0, padding: 0, border: 'none' },
  time: { width: '200px', marginLeft: '28px', '& input': { fontVariantNumeric: 'tabular-nums' } },
  under: { display: 'flex', alignItems: 'center', minHeight: '24px', color: tokens.colorNeutralForeground2 },
  actions: { display: 'flex', columnGap: '8px' },
});

function policyWords(policy: PlugInPolicy): string {
  return policy.install === 'at-time' ? `at ${policy.timeOfDay}` : 'as soon as possible';
}

/** The default software update plug-in policy: when computers install, where the delivery does not say. */
export function PlugInPolicyPage() {
  const answer = useAnswer('plugInPolicy', {});
  return (
    <Page
      title="Software update plug-in"
      description="When computers install what they have. A delivery may say otherwise for what it brings."
    >
      <AnswerView answer={answer} label="Reading the policy">
        {({ policy }) => <PlugInPolicyForm stored={policy} />}
      </AnswerView>
    </Page>
  );
}

function PlugInPolicyForm({ stored }: { stored: PlugInPolicy }) {
  const styles = useStyles();
  const mayChange = useMay('updatePlugInPolicy');
  /** Null: as it is stored. */
  const [draft, setDraft] = useState<PlugInPolicy | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const shown = draft ?? stored;
  const isDirty = JSON.stringify(shown) !== JSON.stringify(stored);
  const isStandard = JSON.stringify(shown) === JSON.stringify(defaultPlugInPolicy);
  // `6:30` is a time as well, before the field is left.
  const parsed = plugInPolicySchema.safeParse(
    shown.install === 'at-time' ? { ...shown, timeOfDay: timeOfDay(shown.timeOfDay) } : shown,
  );
  const warning = plugInPolicyWarning(shown);
  useLeaveGuard(isDirty, path);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!parsed.success || !isDirty || isSaving) return;
    setIsSaving(true);
    try {
      const { answer, changes } = await changeConsole('updatePlugInPolicy', { body: parsed.data });
      answers.setQueryData(questionOf('plugInPolicy', {}).queryKey, answer);
      setDraft(null);
      notifyChange(`Computers install ${policyWords(answer.policy)}.`, changes);
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsSaving(false);
    }
  };

  return (
    <Section title="Installation">
      <form className={styles.form} aria-label="Software update plug-in" onSubmit={(event) => void save(event)}>
        <fieldset className={styles.choices} disabled={!mayChange}>
          <Field
            label="Computers install"
            {...(warning === null ? {} : { validationMessage: warning, validationState: 'warning' as const })}
          >
            <RadioGroup
              value={shown.install}
              onChange={(_event, { value }) =>
                setDraft(
                  value === 'at-time'
                    ? { install: 'at-time', timeOfDay: stored.install === 'at-time' ? stored.timeOfDay : '17:00' }
                    : { install: 'as-soon-as-possible' },
                )
              }
            >
              <Radio value="at-time" label="At a time of the day" />
              <Radio value="as-soon-as-possible" label="As soon as possible" />
            </RadioGroup>
          </Field>
          {shown.install === 'at-time' && (
            <Field
              className={styles.time}
              label="Time"
              hint="By the clock of each computer. What is ready later waits for the next day."
              {...problemOf(parsed.error?.issues[0]?.message)}
            >
              <Input
                value={shown.timeOfDay}
                onChange={(_event, { value }) => setDraft({ install: 'at-time', timeOfDay: value })}
                onBlur={() => setDraft({ install: 'at-time', timeOfDay: timeOfDay(shown.timeOfDay) })}
              />
            </Field>
          )}
        </fieldset>
        <Text size={200} className={styles.under}>
          {isStandard ? 'Default' : `Default: ${policyWords(defaultPlugInPolicy)}`}
          {!isStandard && mayChange && (
            <Button
              appearance="transparent"
              size="small"
              icon={<ArrowResetRegular />}
              onClick={() => setDraft(defaultPlugInPolicy)}
            >
              Reset
            </Button>
          )}
        </Text>
        {mayChange && (
          <div className={styles.actions}>
            <Button
              type="submit"
              appearance="primary"
              icon={<SaveRegular />}
              disabledFocusable={!isDirty || isSaving || !parsed.success}
            >
              Save changes
            </Button>
            <Button disabledFocusable={!isDirty || isSaving} onClick={() => setDraft(null)}>
              Discard
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}
