import { Field, Input, makeStyles, Radio, RadioGroup, Select, Textarea } from '@fluentui/react-components';
import type { InstallSchedule } from '../../../shared/contracts/deliveries.ts';
import { maxTries } from '../../../shared/contracts/deliveries.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { TimeInput } from '../settings/period-table.tsx';
import type { StepProps } from './reach-step.tsx';
import { nights, WindowsField } from './windows-field.tsx';
import type { Problems } from './wizard-form.ts';

const scheduleLabels: Record<InstallSchedule['kind'], string> = {
  'by-policy': 'As the default software update policy says',
  'as-soon-as-possible': 'As soon as possible',
  at: 'Not before a moment',
  daily: 'At a time of day',
  'in-windows': 'In weekly windows',
};
const scheduleKinds = Object.keys(scheduleLabels) as InstallSchedule['kind'][];

const triesChoices = Array.from({ length: maxTries }, (_, index) => index + 1);

const useStyles = makeStyles({
  short: { maxWidth: '320px' },
  numbers: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '8px 24px' },
});

export function InstallationStep({ form, problems, onChange }: StepProps) {
  const styles = useStyles();
  const hasCommand = form.commandFile.trim() !== '';
  const argumentProblem = [...problems].find(([name]) => name.startsWith('installation.command.arguments'))?.[1];
  const durationProblem = problems.get('installation.durationSeconds');
  return (
    <>
      <Field label="After the download">
        <RadioGroup
          value={form.isInstalled ? 'install' : 'bring'}
          onChange={(_event, { value }) => onChange({ isInstalled: value === 'install' })}
        >
          <Radio value="bring" label="Nothing: only bring the package to the computers" />
          <Radio value="install" label="Install it" />
        </RadioGroup>
      </Field>
      {form.isInstalled && (
        <>
          <ScheduleFields
            schedule={form.schedule}
            problems={problems}
            onChange={(schedule) => onChange({ schedule })}
          />
          <Field
            label="Command"
            hint="A file of the package, such as setup/install.exe. It runs in the folder of the package on agents that were started with --allow-execute. Empty: computers only count as installing."
            {...problemOf(problems.get('installation.command.file'))}
          >
            <Input value={form.commandFile} onChange={(_event, { value }) => onChange({ commandFile: value })} />
          </Field>
          {hasCommand && (
            <Field label="Arguments" hint="One a line; there is no shell." {...problemOf(argumentProblem)}>
              <Textarea
                rows={3}
                value={form.argumentsText}
                onChange={(_event, { value }) => onChange({ argumentsText: value })}
              />
            </Field>
          )}
          <div className={styles.numbers}>
            <Field
              label="How long it takes"
              hint={hasCommand ? 'As people are told.' : 'Without a command just so long.'}
              {...problemOf(durationProblem)}
            >
              <NumberInput
                number={form.durationSeconds}
                unit="s"
                isInvalid={durationProblem !== undefined}
                onChange={(durationSeconds) => onChange({ durationSeconds })}
              />
            </Field>
            {hasCommand && (
              <Field label="Tries" hint="How often a command that fails is tried.">
                <Select value={String(form.tries)} onChange={(_event, { value }) => onChange({ tries: Number(value) })}>
                  {triesChoices.map((count) => (
                    <option key={count} value={count}>
                      {count}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
          </div>
        </>
      )}
    </>
  );
}

function emptySchedule(kind: InstallSchedule['kind']): InstallSchedule {
  switch (kind) {
    case 'by-policy':
    case 'as-soon-as-possible':
      return { kind };
    case 'at':
      return { kind, localTime: '' };
    case 'daily':
      return { kind, timeOfDay: '17:00' };
    case 'in-windows':
      return { kind, windows: [nights] };
  }
}

interface ScheduleFieldsProps {
  readonly schedule: InstallSchedule;
  readonly problems: Problems;
  readonly onChange: (schedule: InstallSchedule) => void;
}

/** When computers install, each by its own clock. */
function ScheduleFields({ schedule, problems, onChange }: ScheduleFieldsProps) {
  const styles = useStyles();
  const timeProblem = problems.get('installation.schedule.timeOfDay');
  return (
    <>
      <Field label="When computers install" className={styles.short}>
        <Select
          value={schedule.kind}
          onChange={(_event, { value }) =>
            onChange(emptySchedule(scheduleKinds.find((kind) => kind === value) ?? 'by-policy'))
          }
        >
          {scheduleKinds.map((kind) => (
            <option key={kind} value={kind}>
              {scheduleLabels[kind]}
            </option>
          ))}
        </Select>
      </Field>
      {schedule.kind === 'at' && (
        <Field
          label="Not before"
          className={styles.short}
          hint="The local time of each computer."
          {...problemOf(problems.get('installation.schedule.localTime'))}
        >
          <Input
            type="datetime-local"
            value={schedule.localTime}
            onChange={(_event, { value }) => onChange({ kind: 'at', localTime: value })}
          />
        </Field>
      )}
      {schedule.kind === 'daily' && (
        <Field
          label="Time of day"
          className={styles.short}
          hint="The local time of each computer."
          {...problemOf(timeProblem)}
        >
          <TimeInput
            value={schedule.timeOfDay}
            aria-label="Time of day"
            isInvalid={timeProblem !== undefined}
            onChange={(timeOfDay) => onChange({ kind: 'daily', timeOfDay })}
          />
        </Field>
      )}
      {schedule.kind === 'in-windows' && (
        <WindowsField
          label="Installation windows"
          path="installation.schedule.windows"
          windows={schedule.windows}
          problems={problems}
          emptyWords="No windows yet."
          onChange={(windows) => onChange({ kind: 'in-windows', windows })}
        />
      )}
    </>
  );
}
