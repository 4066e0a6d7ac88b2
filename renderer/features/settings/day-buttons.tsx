import { makeStyles, mergeClasses, ToggleButton, tokens, useArrowNavigationGroup } from '@fluentui/react-components';
import { dayNames, type Weekday, weekdays } from '../../../shared/base/week-time.ts';

const useStyles = makeStyles({
  days: {
    margin: 0,
    padding: 0,
    border: 'none',
    display: 'inline-flex',
    flexWrap: 'wrap',
    gap: '2px',
    minHeight: '32px',
    alignItems: 'center',
  },
  day: { minWidth: '32px', width: '32px', height: '32px', padding: 0, fontWeight: tokens.fontWeightRegular },
  invalid: { outline: `1px solid ${tokens.colorStatusDangerBorder2}`, borderRadius: tokens.borderRadiusMedium },
});

interface DayButtonsProps {
  readonly days: readonly Weekday[];
  readonly onChange: (days: Weekday[]) => void;
  readonly isInvalid: boolean;
  readonly 'aria-label': string;
  readonly 'aria-describedby': string;
}

/** The days of a week; one stop of the Tab key, arrows move between days. */
export function DayButtons({ days, onChange, isInvalid, ...labels }: DayButtonsProps) {
  const styles = useStyles();
  const arrows = useArrowNavigationGroup({ axis: 'horizontal', memorizeCurrent: true });
  return (
    <fieldset {...labels} {...arrows} className={mergeClasses(styles.days, isInvalid && styles.invalid)}>
      {weekdays.map((day) => {
        const isChosen = days.includes(day);
        return (
          <ToggleButton
            key={day}
            className={styles.day}
            size="small"
            appearance={isChosen ? 'primary' : 'outline'}
            checked={isChosen}
            aria-label={dayNames[day]}
            onClick={() =>
              // In the order of the week, so that switching back and forth is no change.
              onChange(weekdays.filter((other) => (other === day ? !isChosen : days.includes(other))))
            }
          >
            {dayNames[day].slice(0, 2)}
          </ToggleButton>
        );
      })}
    </fieldset>
  );
}
