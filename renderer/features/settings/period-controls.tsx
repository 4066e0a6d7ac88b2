import { makeStyles, Select, Text, tokens } from '@fluentui/react-components';
import { useWatch } from 'react-hook-form';
import type { Weekday } from '../../../shared/base/week-time.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { type BlockoutPeriod, blockoutKinds, type ThrottlingPeriod } from '../../../shared/contracts/week-periods.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { PeriodTable } from './period-table.tsx';
import { blockoutKindWords } from './period-words.ts';
import type { PolicyFormValues } from './policy-form.ts';

const useStyles = makeStyles({
  whole: { display: 'flex', flexDirection: 'column', rowGap: '8px', width: '100%', minWidth: 0 },
  kind: { width: '172px' },
  clock: { color: tokens.colorNeutralForeground3 },
});

const workingDays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const workingHours = { days: workingDays, from: '08:00', to: '18:00' };

interface PeriodsControlProps<Period> {
  readonly periods: readonly Period[];
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (periods: Period[]) => void;
  readonly labelId: string;
  readonly describedBy: string;
}

export function ThrottlingPeriodsControl(props: PeriodsControlProps<ThrottlingPeriod>) {
  const styles = useStyles();
  return (
    <div className={styles.whole}>
      <PeriodTable
        {...props}
        newPeriod={{ ...workingHours, kilobytesPerSecond: 1000 }}
        addLabel="Add throttling period"
        emptyWords="No periods: downloads from servers are not throttled."
        effect={{
          header: 'At most',
          field: 'kilobytesPerSecond',
          render: (period, change, field) => (
            <NumberInput
              {...field}
              number={period.kilobytesPerSecond}
              unit="KB/s"
              onChange={(kilobytesPerSecond) => change({ ...period, kilobytesPerSecond })}
            />
          ),
        }}
      />
      {props.periods.length > 0 && <ClockNote />}
    </div>
  );
}

const kindLabels: Readonly<Record<BlockoutPeriod['kind'], string>> = {
  downloads: capitalised(blockoutKindWords.downloads),
  total: capitalised(blockoutKindWords.total),
};

export function BlockoutPeriodsControl(props: PeriodsControlProps<BlockoutPeriod>) {
  const styles = useStyles();
  return (
    <div className={styles.whole}>
      <PeriodTable
        {...props}
        newPeriod={{ ...workingHours, kind: 'downloads' }}
        addLabel="Add blockout period"
        emptyWords="No periods: computers download and communicate at any time."
        effect={{
          header: 'What stops',
          field: 'kind',
          render: (period, change, { isInvalid, ...labels }) => (
            <Select
              {...labels}
              className={styles.kind}
              aria-invalid={isInvalid}
              value={period.kind}
              onChange={(_event, data) => {
                const kind = blockoutKinds.find((candidate) => candidate === data.value);
                if (kind !== undefined) change({ ...period, kind });
              }}
            >
              {blockoutKinds.map((kind) => (
                <option key={kind} value={kind}>
                  {kindLabels[kind]}
                </option>
              ))}
            </Select>
          ),
        }}
      />
      {props.periods.length > 0 && <ClockNote />}
    </div>
  );
}

/** Whose clock is set on the Blockouts tab, also for the throttling periods of the Downloads tab. */
function ClockNote() {
  const styles = useStyles();
  const clock = useWatch<PolicyFormValues, 'settings.periodClock'>({ name: 'settings.periodClock' });
  return (
    <Text size={200} className={styles.clock}>
      {clockWords[clock]} (Blockouts › Periods follow).
    </Text>
  );
}

const clockWords: Readonly<Record<AgentSettings['periodClock'], string>> = {
  agent: 'Times are the local time of each computer',
  utc: 'Times are UTC',
};

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
