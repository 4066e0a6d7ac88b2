import { Button, Input, makeStyles, mergeClasses, Text, Tooltip, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular, ErrorCircleFilled } from '@fluentui/react-icons';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Weekday } from '../../../shared/base/week-time.ts';
import { maxPeriods } from '../../../shared/contracts/week-periods.ts';
import { DayButtons } from './day-buttons.tsx';
import { timeOfDay } from './time-of-day.ts';

const useStyles = makeStyles({
  whole: {
    margin: 0,
    padding: 0,
    border: 'none',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    rowGap: '8px',
    minWidth: 0,
  },
  table: { borderCollapse: 'collapse' },
  head: {
    textAlign: 'left',
    padding: '0 12px 4px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
    color: tokens.colorNeutralForeground2,
  },
  cell: { padding: '4px 12px 4px 0', verticalAlign: 'top' },
  last: { paddingRight: 0 },
  time: { width: '80px', '& input': { fontVariantNumeric: 'tabular-nums' } },
  under: { padding: 0, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200 },
  hint: { paddingBottom: '6px', color: tokens.colorNeutralForeground3 },
  problem: {
    paddingBottom: '6px',
    display: 'flex',
    columnGap: '6px',
    color: tokens.colorStatusDangerForeground1,
    '& svg': { flexShrink: 0, fontSize: '14px', marginTop: '1px' },
  },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface Span {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

/** Properties that tie a field of a period to its name and its problem. */
export interface PeriodFieldProps {
  readonly 'aria-label': string;
  readonly 'aria-describedby': string;
  readonly isInvalid: boolean;
}

interface PeriodTableProps<Period extends Span> {
  readonly periods: readonly Period[];
  /** By the place of the field in the list, e.g. `0.from`. */
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (periods: Period[]) => void;
  readonly labelId: string;
  readonly describedBy: string;
  readonly newPeriod: Period;
  readonly addLabel: string;
  /** What holds while there are no periods. */
  readonly emptyWords: string;
  /** The column of what a period does; none where only the time counts. */
  readonly effect?: {
    readonly header: string;
    readonly field: keyof Period & string;
    readonly render: (period: Period, change: (period: Period) => void, field: PeriodFieldProps) => ReactNode;
  };
}

/** Times of the week as rows, each with its days, its span and what holds in it. */
export function PeriodTable<Period extends Span>(props: PeriodTableProps<Period>) {
  const styles = useStyles();
  const { periods, onChange, effect } = props;
  const { keys, add, remove } = useRowKeys(periods.length);
  const { rootRef, focusRow, focusAdd } = useRowFocus();
  return (
    <fieldset
      ref={rootRef}
      className={styles.whole}
      aria-labelledby={props.labelId}
      aria-describedby={props.describedBy}
    >
      {periods.length === 0 ? (
        <Text className={styles.quiet}>{props.emptyWords}</Text>
      ) : (
        <table className={styles.table} aria-labelledby={props.labelId}>
          <thead>
            <tr>
              {['Days', 'From', 'To', ...(effect === undefined ? [] : [effect.header])].map((header) => (
                <th key={header} scope="col" className={styles.head}>
                  {header}
                </th>
              ))}
              <th aria-label="Remove" />
            </tr>
          </thead>
          {periods.map((period, index) => (
            <PeriodRows
              key={keys[index]}
              {...{ period, index }}
              effect={effect}
              problems={props.problems}
              onChange={(changed) => onChange(periods.with(index, changed))}
              onRemove={() => {
                remove(index);
                onChange(periods.toSpliced(index, 1));
                if (periods.length === 1) focusAdd();
                else focusRow(Math.min(index, periods.length - 2), 'remove');
              }}
            />
          ))}
        </table>
      )}
      <Button
        data-add-period
        size="small"
        icon={<AddRegular />}
        disabledFocusable={periods.length >= maxPeriods}
        onClick={() => {
          add();
          onChange([...periods, props.newPeriod]);
          focusRow(periods.length, 'days');
        }}
      >
        {props.addLabel}
      </Button>
    </fieldset>
  );
}

interface PeriodRowsProps<Period extends Span> {
  readonly period: Period;
  readonly index: number;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (period: Period) => void;
  readonly onRemove: () => void;
  readonly effect: PeriodTableProps<Period>['effect'] | undefined;
}

function PeriodRows<Period extends Span>(props: PeriodRowsProps<Period>) {
  const styles = useStyles();
  const id = useId();
  const { period, index, effect, onChange } = props;
  const name = `Period ${index + 1}`;
  const labels: Readonly<Record<string, string>> = {
    ...{ days: 'Days', from: 'From', to: 'To' },
    ...(effect === undefined ? {} : { [effect.field]: effect.header }),
  };
  const found = Object.entries(labels).flatMap(([field, label]) => {
    const message = props.problems.get(`${index}.${field}`);
    return message === undefined ? [] : [{ field, label, message }];
  });
  const fieldProps = (field: string): PeriodFieldProps => ({
    'aria-label': `${name}: ${labels[field]}`,
    'aria-describedby': id,
    isInvalid: found.some((problem) => problem.field === field),
  });
  const hint = found.length === 0 ? spanHint(period) : null;
  return (
    <tbody data-period={index}>
      <tr>
        <td className={styles.cell}>
          <DayButtons days={period.days} {...fieldProps('days')} onChange={(days) => onChange({ ...period, days })} />
        </td>
        {(['from', 'to'] as const).map((end) => (
          <td key={end} className={styles.cell}>
            <TimeInput
              value={period[end]}
              {...fieldProps(end)}
              onChange={(time) => onChange({ ...period, [end]: time })}
            />
          </td>
        ))}
        {effect !== undefined && (
          <td className={styles.cell}>{effect.render(period, onChange, fieldProps(effect.field))}</td>
        )}
        <td className={mergeClasses(styles.cell, styles.last)}>
          <Tooltip content={`Remove period ${index + 1}`} relationship="label">
            <Button data-remove-period appearance="subtle" icon={<DeleteRegular />} onClick={props.onRemove} />
          </Tooltip>
        </td>
      </tr>
      <tr>
        <td colSpan={5} className={styles.under}>
          <div id={id} role="status">
            {hint !== null && <div className={styles.hint}>{hint}</div>}
            {found.map(({ field, label, message }) => (
              <div key={field} className={styles.problem}>
                <ErrorCircleFilled aria-hidden />
                <span>
                  {label}: {message}
                </span>
              </div>
            ))}
          </div>
        </td>
      </tr>
    </tbody>
  );
}

/** What a span means where it is not plain. */
function spanHint({ from, to }: Span): string | null {
  if (from === to) return 'Lasts 24 hours.';
  return to < from && to !== '00:00' ? `Lasts until ${to} on the next day.` : null;
}

interface TimeInputProps extends Omit<PeriodFieldProps, 'aria-describedby'> {
  readonly 'aria-describedby'?: string;
  readonly value: string;
  readonly onChange: (time: string) => void;
}

/** A time input of the browser would show 12 hours or 24, as its language is; the contract has 24. */
export function TimeInput(props: TimeInputProps) {
  const styles = useStyles();
  const { value, isInvalid, onChange, ...labels } = props;
  const [text, setText] = useState(value);
  return (
    <Input
      {...labels}
      className={styles.time}
      value={timeOfDay(text) === value ? text : value}
      placeholder="08:00"
      inputMode="numeric"
      autoComplete="off"
      aria-invalid={isInvalid}
      onChange={(_event, data) => {
        setText(data.value);
        onChange(timeOfDay(data.value));
      }}
      // A time is retyped rather than amended; coming from the days by Tab selects nothing by itself.
      onFocus={(event) => event.currentTarget.select()}
      onBlur={() => setText(value)}
    />
  );
}

/** Rows have no identity of their own, but what is typed in one must not stay when another takes its place. */
function useRowKeys(count: number) {
  const next = useRef(0);
  const keys = useRef<number[]>([]);
  // More or fewer than were added and removed here: a reset, or a newer version of the policy.
  if (keys.current.length !== count) keys.current = Array.from({ length: count }, () => next.current++);
  return {
    keys: keys.current,
    add: () => {
      keys.current = [...keys.current, next.current++];
    },
    remove: (index: number) => {
      keys.current = keys.current.toSpliced(index, 1);
    },
  };
}

/** Puts the focus where the work goes on, once the changed rows are on the page. */
function useRowFocus() {
  const rootRef = useRef<HTMLFieldSetElement>(null);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    rootRef.current?.querySelector<HTMLElement>(wanted.current)?.focus();
    wanted.current = null;
  });
  return {
    rootRef,
    focusRow: (row: number, part: 'days' | 'remove') => {
      wanted.current = `[data-period="${row}"] ${part === 'days' ? 'button' : '[data-remove-period]'}`;
    },
    focusAdd: () => {
      wanted.current = '[data-add-period]';
    },
  };
}
