import { Button, Field, makeStyles, Radio, RadioGroup, Text, Tooltip, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular } from '@fluentui/react-icons';
import type { StageStart } from '../../../shared/contracts/deliveries.ts';
import { maxStages } from '../../../shared/contracts/deliveries.ts';
import { formatQuantity } from '../../components/format.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { problemOf, TargetEditor } from '../../components/target-editor.tsx';
import { targetWords } from '../../components/words.ts';
import { isTargetWrong, type StepProps } from './reach-step.tsx';
import { useReach } from './use-reach.ts';
import type { Problems, WizardForm } from './wizard-form.ts';

type LaterStage = WizardForm['laterStages'][number];

/** The field's own example: nearly all have it, hardly any failed, and a day has passed. */
const usualStart: StageStart = { kind: 'after-previous', installedPercent: 95, failedPercent: 2, hours: 24 };

const useStyles = makeStyles({
  stage: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '10px',
    padding: '10px 12px 12px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  top: { display: 'flex', alignItems: 'center', columnGap: '8px', minHeight: '32px' },
  heading: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground2 },
  numbers: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '8px 16px', paddingLeft: '28px' },
  number: { width: '164px' },
  add: { alignSelf: 'flex-start' },
});

/** A mistake meets a few computers and not all: further stages, each after the one before. */
export function StagesStep({ form, problems, onChange }: StepProps) {
  const styles = useStyles();
  const { siteName, members } = useReach([form.target, ...form.laterStages.map(({ target }) => target)]);
  const stages = form.laterStages;
  const own = (index: number) => (members === null ? '' : ` – ${formatQuantity(members[index] ?? 0, 'agent')} now`);
  return (
    <>
      <Text className={styles.quiet}>
        With stages a mistake meets a few computers and not all. Each agent belongs to the first stage that means it.
      </Text>
      <section className={styles.stage} aria-label="Stage 1">
        <h3 className={styles.heading}>
          Stage 1: {targetWords(form.target, siteName)}
          {own(0)}
        </h3>
        <Text className={styles.quiet}>Begins as soon as the delivery is available.</Text>
      </section>
      {stages.map((stage, index) => (
        <StageFields
          // Stages have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={`${index}-of-${stages.length}`}
          index={index}
          stage={stage}
          members={own(index + 1)}
          problems={problems}
          onChange={(changed) => onChange({ laterStages: stages.with(index, changed) })}
          onRemove={() => onChange({ laterStages: stages.toSpliced(index, 1) })}
        />
      ))}
      <Button
        className={styles.add}
        icon={<AddRegular />}
        disabledFocusable={stages.length >= maxStages - 1}
        onClick={() => onChange({ laterStages: [...stages, { target: { kind: 'all' }, start: usualStart }] })}
      >
        Add stage
      </Button>
      {stages.length >= maxStages - 1 && (
        <Text size={200} className={styles.quiet}>
          A delivery has at most {maxStages} stages.
        </Text>
      )}
    </>
  );
}

interface StageFieldsProps {
  readonly index: number;
  readonly stage: LaterStage;
  /** How many agents it has for itself, in words. */
  readonly members: string;
  readonly problems: Problems;
  readonly onChange: (stage: LaterStage) => void;
  readonly onRemove: () => void;
}

function StageFields({ index, stage, members, problems, onChange, onRemove }: StageFieldsProps) {
  const styles = useStyles();
  const name = `Stage ${index + 2}`;
  const path = `laterStages.${index}`;
  const { target, start } = stage;
  return (
    <section className={styles.stage} aria-label={name}>
      <div className={styles.top}>
        <h3 className={styles.heading}>
          {name}
          {members}
          {members !== '' && ', without those of earlier stages'}
        </h3>
        <Tooltip content={`Remove ${name.toLowerCase()}`} relationship="label">
          <Button appearance="subtle" icon={<DeleteRegular />} onClick={onRemove} />
        </Tooltip>
      </div>
      <TargetEditor
        label="Deliver to"
        value={target}
        onChange={(changed) => onChange({ ...stage, target: changed })}
        isChecked={isTargetWrong(problems, `${path}.target`)}
      />
      <Field label="Begins">
        <RadioGroup
          value={start.kind}
          onChange={(_event, { value }) =>
            onChange({ ...stage, start: value === 'by-hand' ? { kind: 'by-hand' } : usualStart })
          }
        >
          <Radio value="after-previous" label={`When stage ${index + 1} has gone well`} />
          <Radio value="by-hand" label="By hand, with “Begin next stage”" />
        </RadioGroup>
      </Field>
      {start.kind === 'after-previous' && (
        <div className={styles.numbers}>
          {startFields.map(({ field, label, unit }) => {
            const problem = problems.get(`${path}.start.${field}`);
            return (
              <Field key={field} label={label} className={styles.number} {...problemOf(problem)}>
                <NumberInput
                  number={start[field]}
                  unit={unit}
                  isInvalid={problem !== undefined}
                  onChange={(number) => onChange({ ...stage, start: { ...start, [field]: number } })}
                />
              </Field>
            );
          })}
        </div>
      )}
    </section>
  );
}

const startFields = [
  { field: 'installedPercent', label: 'Done, at least', unit: '%' },
  { field: 'failedPercent', label: 'Failed, at most', unit: '%' },
  { field: 'hours', label: 'Both hold for', unit: 'hours' },
] as const;
