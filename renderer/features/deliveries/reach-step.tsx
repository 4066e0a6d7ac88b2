import { Checkbox, Field, makeStyles, Radio, RadioGroup } from '@fluentui/react-components';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import { deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { TargetEditor } from '../../components/target-editor.tsx';
import type { ChangeForm, Problems, WizardForm } from './wizard-form.ts';

const priorityMeanings: Record<DeliveryPriority, string> = {
  emergency: 'Emergency – pauses lower priorities and ignores windows and throttling',
  normal: 'Normal',
  background: 'Background – after everything else',
};

const useStyles = makeStyles({
  overrides: { display: 'flex', flexDirection: 'column', paddingLeft: '28px' },
});

export interface StepProps {
  readonly form: WizardForm;
  /** Of fields that the person has had a chance to fill in. */
  readonly problems: Problems;
  readonly onChange: ChangeForm;
}

export function isTargetWrong(problems: Problems, path: string): boolean {
  return [...problems.keys()].some((name) => name === path || name.startsWith(`${path}.`));
}

export function ReachStep({ form, problems, onChange }: StepProps) {
  const styles = useStyles();
  return (
    <>
      <TargetEditor
        label="Deliver to"
        value={form.target}
        onChange={(target) => onChange({ target })}
        isChecked={isTargetWrong(problems, 'target')}
      />
      <Field label="Priority">
        <RadioGroup
          value={form.priority}
          onChange={(_event, { value }) =>
            onChange({ priority: deliveryPriorities.find((candidate) => candidate === value) ?? 'normal' })
          }
        >
          {deliveryPriorities.map((candidate) => (
            <Radio key={candidate} value={candidate} label={priorityMeanings[candidate]} />
          ))}
        </RadioGroup>
      </Field>
      {form.priority === 'emergency' && (
        <div className={styles.overrides}>
          <Field hint="Blockouts of downloads never hold an emergency up. A total blockout does, unless you say otherwise here: computers that hear of it in time then fetch it all the same, and give it to their peers for five minutes. The audit trail keeps that you said so.">
            <Checkbox
              label="Get through blockouts of all communication"
              checked={form.ignoresTotalBlockouts}
              onChange={(_event, { checked }) => onChange({ ignoresTotalBlockouts: checked === true })}
            />
          </Field>
          <Field hint="Its bytes do not count against the limits of sites, so a WAN link may get fuller than its limit says. The audit trail keeps that you said so.">
            <Checkbox
              label="Ignore the limits of sites"
              checked={form.ignoresSiteLimits}
              onChange={(_event, { checked }) => onChange({ ignoresSiteLimits: checked === true })}
            />
          </Field>
        </div>
      )}
    </>
  );
}
