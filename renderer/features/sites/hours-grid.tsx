// biome-ignore-all lint/a11y/useSemanticElements: a grid of 168 cells has one focus, which moves by arrows; the roles say so.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell (aria-activedescendant).
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys of all cells.
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, memo, type PointerEvent, useId, useState } from 'react';
import { hoursPerWeek, type ScheduleCell } from '../../../shared/base/bandwidth-schedule.ts';
import { dayNames, weekdays } from '../../../shared/base/week-time.ts';
import { cellMark, cellShare, cellWords, hourWords, rectangle, twoDigits } from './hours-words.ts';

const hoursPerDay = 24;
const dayHours = Array.from({ length: hoursPerDay }, (_nothing, hour) => hour);

const useStyles = makeStyles({
  grid: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '2px',
    minWidth: '560px',
    borderRadius: tokens.borderRadiusMedium,
    userSelect: 'none',
    fontVariantNumeric: 'tabular-nums',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '4px' },
  },
  row: { display: 'grid', gridTemplateColumns: `40px repeat(${hoursPerDay}, minmax(0, 1fr))`, columnGap: '2px' },
  hour: { fontSize: '10px', textAlign: 'center', color: tokens.colorNeutralForeground2, padding: '2px 0' },
  day: { fontSize: tokens.fontSizeBase200, lineHeight: '28px', color: tokens.colorNeutralForeground2 },
  cell: {
    height: '28px',
    boxSizing: 'border-box',
    display: 'grid',
    placeItems: 'center',
    overflow: 'hidden',
    fontSize: '10px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: '3px',
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    forcedColorAdjust: 'none',
  },
  closed: { backgroundColor: tokens.colorNeutralBackground5, fontSize: '14px' },
  paintable: { cursor: 'crosshair' },
  chosen: { border: `2px solid ${tokens.colorBrandStroke1}` },
  active: { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-1px' },
});

interface HoursGridProps {
  readonly label: string;
  readonly cells: readonly ScheduleCell[];
  readonly linkKilobitsPerSecond: number;
  /** Missing where nothing may be changed. */
  readonly onPaint?: (hours: ReadonlySet<number>) => void;
}

interface Choice {
  /** The corner that stays, and the one that moves. */
  readonly anchor: number;
  readonly at: number;
}

/** Hours × days: drag paints a rectangle; arrows move, with Shift they choose, Space paints what is chosen. */
export function HoursGrid({ label, cells, linkKilobitsPerSecond, onPaint }: HoursGridProps) {
  const styles = useStyles();
  const gridId = useId();
  const [choice, setChoice] = useState<Choice>({ anchor: 0, at: 0 });
  const [isDragging, setIsDragging] = useState(false);
  const [hasFocus, setHasFocus] = useState(false);
  const chosen = rectangle(choice.anchor, choice.at);

  const handleKey = (event: KeyboardEvent) => {
    const { at, anchor } = choice;
    const hour = at % hoursPerDay;
    const moves: Record<string, number> = {
      ArrowLeft: hour === 0 ? at : at - 1,
      ArrowRight: hour === hoursPerDay - 1 ? at : at + 1,
      ArrowUp: at < hoursPerDay ? at : at - hoursPerDay,
      ArrowDown: at + hoursPerDay >= hoursPerWeek ? at : at + hoursPerDay,
      Home: at - hour,
      End: at - hour + hoursPerDay - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) setChoice({ anchor: event.shiftKey ? anchor : next, at: next });
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) setChoice({ anchor: 0, at: hoursPerWeek - 1 });
    else if (event.key === ' ' || event.key === 'Enter') onPaint?.(chosen);
    else return;
    event.preventDefault();
  };
  const handlePointer = (event: PointerEvent<HTMLElement>) => {
    const index = Number((event.target as HTMLElement).dataset.hour ?? Number.NaN);
    if (Number.isNaN(index) || onPaint === undefined) return;
    if (event.type === 'pointerdown' && event.button === 0) {
      setIsDragging(true);
      setChoice({ anchor: event.shiftKey ? choice.anchor : index, at: index });
    } else if (event.type === 'pointerover' && isDragging) setChoice({ ...choice, at: index });
  };
  const endDrag = () => {
    if (isDragging) onPaint?.(chosen);
    setIsDragging(false);
  };
  /** A whole day or hour at once, by its name. */
  const paintAll = (anchor: number, at: number) => {
    setChoice({ anchor, at });
    onPaint?.(rectangle(anchor, at));
  };

  return (
    <div
      role="grid"
      aria-label={label}
      aria-multiselectable
      aria-readonly={onPaint === undefined}
      tabIndex={0}
      className={styles.grid}
      aria-activedescendant={`${gridId}-${choice.at}`}
      onKeyDown={handleKey}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
      onPointerDown={handlePointer}
      onPointerOver={handlePointer}
      onPointerUp={endDrag}
      onPointerLeave={endDrag}
    >
      <div role="row" className={styles.row}>
        <span role="columnheader" aria-label="Day" />
        {dayHours.map((hour) => (
          <span
            key={hour}
            role="columnheader"
            className={mergeClasses(styles.hour, onPaint !== undefined && styles.paintable)}
            onClick={() => paintAll(hour, hoursPerWeek - hoursPerDay + hour)}
          >
            {twoDigits(hour)}
          </span>
        ))}
      </div>
      {weekdays.map((day, dayIndex) => (
        <div key={day} role="row" className={styles.row}>
          <span
            role="rowheader"
            aria-label={dayNames[day]}
            className={mergeClasses(styles.day, onPaint !== undefined && styles.paintable)}
            onClick={() => paintAll(dayIndex * hoursPerDay, (dayIndex + 1) * hoursPerDay - 1)}
          >
            {dayNames[day].slice(0, 3)}
          </span>
          {dayHours.map((hour) => {
            const index = dayIndex * hoursPerDay + hour;
            const cell = cells[index];
            if (cell === undefined) return null;
            return (
              <HourCell
                key={hour}
                id={`${gridId}-${index}`}
                index={index}
                cell={cell}
                linkKilobitsPerSecond={linkKilobitsPerSecond}
                isChosen={(hasFocus || isDragging) && chosen.has(index)}
                isActive={hasFocus && index === choice.at}
                isPaintable={onPaint !== undefined}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Of the brand, and light enough below text in either theme. */
const filled = `color-mix(in srgb, ${tokens.colorBrandBackground} 42%, ${tokens.colorNeutralBackground1})`;

interface HourCellProps {
  readonly id: string;
  readonly index: number;
  readonly cell: ScheduleCell;
  readonly linkKilobitsPerSecond: number;
  readonly isChosen: boolean;
  readonly isActive: boolean;
  readonly isPaintable: boolean;
}

/** Drawn again only where something of it changed: a drag touches a few of 168. */
const HourCell = memo(function HourCell(props: HourCellProps) {
  const { cell, index, linkKilobitsPerSecond } = props;
  const styles = useStyles();
  const words = `${hourWords(index)}: ${cellWords(cell, linkKilobitsPerSecond)}`;
  const share = cellShare(cell, linkKilobitsPerSecond);
  const fill = `linear-gradient(to top, ${filled} ${share}%, transparent ${share}%)`;
  return (
    <span
      id={props.id}
      role="gridcell"
      data-hour={index}
      aria-label={words}
      aria-selected={props.isChosen}
      title={words}
      className={mergeClasses(
        styles.cell,
        cell.kind === 'closed' && styles.closed,
        props.isPaintable && styles.paintable,
        props.isChosen && styles.chosen,
        props.isActive && styles.active,
      )}
      style={cell.kind === 'closed' ? undefined : { backgroundImage: fill }}
    >
      {cellMark(cell)}
    </span>
  );
});
