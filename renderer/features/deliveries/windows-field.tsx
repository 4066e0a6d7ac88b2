import { Label, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useId } from 'react';
import type { DeliverySpec } from '../../../shared/contracts/deliveries-api.ts';
import { PeriodTable } from '../settings/period-table.tsx';
import type { Problems } from './wizard-form.ts';
import { problemsBelow } from './wizard-form.ts';

type WeekSpan = DeliverySpec['downloadWindows'][number];

const useStyles = makeStyles({
  whole: { display: 'flex', flexDirection: 'column', rowGap: '6px' },
  quiet: { color: tokens.colorNeutralForeground2 },
  problem: { color: tokens.colorStatusDangerForeground1 },
});

export const nights: WeekSpan = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '20:00', to: '06:00' };

interface WindowsFieldProps {
  readonly label: string;
  /** Where the windows are in the draft. */
  readonly path: string;
  readonly windows: readonly WeekSpan[];
  readonly problems: Problems;
  readonly emptyWords: string;
  /** Whose clock it is. */
  readonly clockWords?: string;
  readonly onChange: (windows: WeekSpan[]) => void;
}

/** Weekly windows by the clock of each computer. */
export function WindowsField(props: WindowsFieldProps) {
  const { label, path, windows, problems, emptyWords, onChange } = props;
  const styles = useStyles();
  const id = useId();
  const problem = problems.get(path);
  return (
    <div className={styles.whole}>
      <Label id={`${id}-label`}>{label}</Label>
      <PeriodTable
        periods={windows}
        problems={problemsBelow(problems, path)}
        onChange={onChange}
        labelId={`${id}-label`}
        describedBy={`${id}-hint`}
        newPeriod={nights}
        addLabel="Add window"
        emptyWords={emptyWords}
      />
      <div id={`${id}-hint`}>
        {problem !== undefined && (
          <Text size={200} className={styles.problem} role="alert">
            {problem}
          </Text>
        )}
        {windows.length > 0 && (
          <Text size={200} className={styles.quiet}>
            {props.clockWords ?? 'Times are the local time of each computer.'}
          </Text>
        )}
      </div>
    </div>
  );
}
