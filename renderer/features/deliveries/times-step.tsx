import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { MomentField } from './moment-field.tsx';
import type { StepProps } from './reach-step.tsx';
import { WindowsField } from './windows-field.tsx';

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground2 } });

export function TimesStep({ form, problems, onChange }: StepProps) {
  const styles = useStyles();
  return (
    <>
      <MomentField
        label="Available"
        noneLabel="At once"
        someLabel="Not before"
        hint="Nothing begins before. The time is that of your computer."
        atMs={form.availableFromMs}
        problem={problems.get('availableFromMs')}
        onChange={(availableFromMs) => onChange({ availableFromMs })}
      />
      <WindowsField
        label="Download windows"
        path="downloadWindows"
        windows={form.downloadWindows}
        problems={problems}
        emptyWords="No windows: computers download at any time that their policy allows."
        onChange={(downloadWindows) => onChange({ downloadWindows })}
      />
      {form.priority === 'emergency' && form.downloadWindows.length > 0 && (
        <Text className={styles.quiet}>An emergency waits for no window.</Text>
      )}
      <MomentField
        label="Deadline"
        noneLabel="None"
        someLabel="From then on nothing waits"
        hint="After it windows, installation times and postponements hold nothing up. The time is that of your computer."
        atMs={form.deadlineMs}
        problem={problems.get('deadlineMs')}
        onChange={(deadlineMs) => onChange({ deadlineMs })}
      />
    </>
  );
}
