import { Field, makeStyles, Radio, RadioGroup, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { ScheduleCell } from '../../../shared/base/bandwidth-schedule.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { problemOf } from '../../components/target-editor.tsx';

const useStyles = makeStyles({
  brush: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '4px 16px' },
  hint: { color: tokens.colorNeutralForeground2 },
});

type Kind = 'whole' | ScheduleCell['kind'];
const maximumKilobitsPerSecond = 100_000_000;

interface HoursBrushProps {
  /** Null while the number is none. */
  readonly brush: ScheduleCell | null;
  readonly onChange: (brush: ScheduleCell | null) => void;
  /** A percentage needs a link with a speed. */
  readonly hasSpeed: boolean;
}

/** What the next painted hours become. */
export function HoursBrush({ brush, onChange, hasSpeed }: HoursBrushProps) {
  const styles = useStyles();
  const [kind, setKind] = useState<Kind>(brush?.kind ?? 'closed');
  const [percent, setPercent] = useState(25);
  const [rate, setRate] = useState(2000);
  const choose = (next: Kind, nextPercent: number, nextRate: number) => {
    setKind(next);
    setPercent(nextPercent);
    setRate(nextRate);
    onChange(cellOf(next, nextPercent, nextRate));
  };
  return (
    <div>
      <div className={styles.brush}>
        <Field label="Paint hours as">
          <RadioGroup
            layout="horizontal"
            value={kind}
            onChange={(_event, { value }) => choose(kinds.find((one) => one === value) ?? 'whole', percent, rate)}
          >
            <Radio value="whole" label="Whole link" />
            <Radio value="percent" label="Percentage" disabled={!hasSpeed} />
            <Radio value="rate" label="Rate" />
            <Radio value="closed" label="Closed" />
          </RadioGroup>
        </Field>
        {kind === 'percent' && (
          <Field label="Percentage of the link" {...problemOf(brush === null ? 'Enter 1 to 100.' : null)}>
            <NumberInput
              number={percent}
              unit="%"
              isInvalid={brush === null}
              onChange={(value) => choose(kind, value, rate)}
            />
          </Field>
        )}
        {kind === 'rate' && (
          <Field label="Rate" {...problemOf(brush === null ? 'Enter 1 to 100,000,000.' : null)}>
            <NumberInput
              number={rate}
              unit="kbit/s"
              isInvalid={brush === null}
              onChange={(value) => choose(kind, percent, value)}
            />
          </Field>
        )}
      </div>
      <Text size={200} className={styles.hint}>
        Drag over hours, or click a day or an hour. By keys: arrows move, Shift and arrows choose, Space paints.
        {!hasSpeed && ' A percentage needs a link with a speed; this one is unlimited.'}
      </Text>
    </div>
  );
}

const kinds: readonly Kind[] = ['whole', 'percent', 'rate', 'closed'];

function cellOf(kind: Kind, percent: number, kilobitsPerSecond: number): ScheduleCell | null {
  switch (kind) {
    case 'whole':
      return { kind: 'percent', percent: 100 };
    case 'closed':
      return { kind };
    case 'percent':
      return Number.isInteger(percent) && percent >= 1 && percent <= 100 ? { kind, percent } : null;
    case 'rate':
      return Number.isInteger(kilobitsPerSecond) &&
        kilobitsPerSecond >= 1 &&
        kilobitsPerSecond <= maximumKilobitsPerSecond
        ? { kind, kilobitsPerSecond }
        : null;
  }
}
