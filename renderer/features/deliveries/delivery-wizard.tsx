import { Button, makeStyles, Tab, TabList, tokens } from '@fluentui/react-components';
import { ErrorCircleFilled } from '@fluentui/react-icons';
import { useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import type { Delivery, DeliveryDraft } from '../../../shared/contracts/deliveries-api.ts';
import { callConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { InstallationStep } from './installation-step.tsx';
import { ReachStep } from './reach-step.tsx';
import { StagesStep } from './stages-step.tsx';
import { SummaryStep } from './summary-step.tsx';
import { TimesStep } from './times-step.tsx';
import type { Problems, WizardForm, WizardStep } from './wizard-form.ts';
import { draftOf, formOf, problemsOf, stepsWithProblems, stepWords, wizardSteps } from './wizard-form.ts';

const useStyles = makeStyles({
  wizard: { display: 'flex', columnGap: '24px', height: 'min(520px, calc(100vh - 240px))' },
  // Otherwise each label stands in the middle of the room that it would take in bold.
  steps: { flexShrink: 0, width: '188px', '& .fui-Tab__content': { justifySelf: 'start' } },
  step: {
    flexGrow: 1,
    minWidth: 0,
    overflowY: 'auto',
    display: 'flex',
    flexDirection: 'column',
    rowGap: '16px',
    padding: '2px 12px 12px 4px',
    // What does not fit is scrolled, never squeezed.
    '& > *': { flexShrink: 0 },
  },
  wrong: { color: tokens.colorStatusDangerForeground1 },
  space: { flexGrow: 1 },
});

/** What is delivered: one version of a package. */
type Delivered = Pick<PackageSummary, 'guid' | 'version' | 'name'>;

interface DeliveryWizardProps {
  readonly delivered: Delivered;
  /** The delivery to change; null makes one. */
  readonly before?: Delivery | null;
  readonly onMade?: (delivery: Delivery) => void;
  readonly onClose: () => void;
}

/** A form that the server refused, and why, by field. */
interface Refused {
  readonly form: WizardForm;
  readonly problems: Problems;
}

function send(draft: DeliveryDraft, before: Delivery | null): Promise<Delivery> {
  if (before === null) return callConsole('createDelivery', { body: draft });
  return callConsole('updateDelivery', { params: { id: before.id }, body: draft });
}

/** Makes a delivery, or changes one that has not begun: step by step, and in sentences before anything happens. */
export function DeliveryWizard({ delivered, before = null, onMade, onClose }: DeliveryWizardProps) {
  const styles = useStyles();
  const [form, setForm] = useState<WizardForm>(() => formOf(before));
  const [step, setStep] = useState<WizardStep>('reach');
  const [seen, setSeen] = useState<ReadonlySet<WizardStep>>(new Set());
  const draft = draftOf(delivered, form);
  const [refused, setRefused] = useState<Refused | null>(null);
  // What the server refused it refuses again, until something is changed.
  const problems = refused?.form === form ? refused.problems : problemsOf(draft);
  const wrongSteps = stepsWithProblems(problems);
  const index = wizardSteps.indexOf(step);
  const title = `${delivered.name}” ${delivered.version}`;

  /** What is left behind is checked from then on; what nobody has seen is not complained about. */
  const goTo = (next: WizardStep) => {
    const passed = next === 'summary' ? wizardSteps : [step];
    setSeen(new Set([...seen, ...passed]));
    setStep(next);
  };
  const check = () => {
    const wrong = step === 'summary' ? wizardSteps.find((candidate) => wrongSteps.has(candidate)) : undefined;
    if (wrong !== undefined) goTo(wrong);
    if (step === 'summary') return wrong === undefined;
    if (wrongSteps.has(step)) setSeen(new Set([...seen, step]));
    else goTo(wizardSteps[index + 1] ?? 'summary');
    return false;
  };
  const submit = async () => {
    const delivery = await send(draft, before).catch((error: unknown) => {
      const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
      if (fields.length > 0) {
        setRefused({ form, problems: new Map(fields.map(({ path, message }) => [path, message])) });
        setSeen(new Set(wizardSteps));
      }
      throw error;
    });
    replaceInFeed('deliveries', (list) => [delivery, ...list.filter((other) => other.id !== delivery.id)]);
    notify('success', before === null ? `“${title} is being delivered.` : `The delivery of “${title} is changed.`);
    onMade?.(delivery);
  };

  const shownProblems: Problems = seen.has(step) ? problems : new Map();
  const change = (part: Partial<WizardForm>) => setForm((current) => ({ ...current, ...part }));
  const parts = { form, problems: shownProblems, onChange: change };
  const isLast = step === 'summary';
  const submitLabel = before === null ? 'Deliver' : 'Save changes';
  return (
    <FormDialog
      title={before === null ? `Deliver “${title}` : `Change the delivery of “${title}`}
      submitLabel={isLast ? submitLabel : 'Next'}
      isWide
      actions={index > 0 && <Button onClick={() => goTo(wizardSteps[index - 1] ?? 'reach')}>Back</Button>}
      typed={form}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className={styles.wizard}>
        <TabList
          vertical
          className={styles.steps}
          aria-label="Steps"
          selectedValue={step}
          onTabSelect={(_event, data) => goTo(wizardSteps.find((candidate) => candidate === data.value) ?? step)}
        >
          {wizardSteps.map((candidate) => {
            const isWrong = seen.has(candidate) && wrongSteps.has(candidate);
            return (
              <Tab
                key={candidate}
                value={candidate}
                {...(isWrong
                  ? { icon: <ErrorCircleFilled className={styles.wrong} aria-label="Something is wrong here:" /> }
                  : {})}
              >
                {stepWords[candidate]}
              </Tab>
            );
          })}
        </TabList>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a step that scrolls has to be scrolled by keys, too. */}
        <div key={step} className={styles.step} role="tabpanel" aria-label={stepWords[step]} tabIndex={0}>
          {step === 'reach' && <ReachStep {...parts} />}
          {step === 'stages' && <StagesStep {...parts} />}
          {step === 'times' && <TimesStep {...parts} />}
          {step === 'installation' && <InstallationStep {...parts} />}
          {step === 'summary' && (
            <SummaryStep draft={draft} packageName={delivered.name} problems={problems} onGo={goTo} />
          )}
        </div>
      </div>
    </FormDialog>
  );
}
