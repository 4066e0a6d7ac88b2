// biome-ignore-all lint/a11y/useSemanticElements: a virtualised table positions its rows, which table elements cannot; the roles say the same.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the active row (aria-activedescendant).
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys of all rows.
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ArrowSortDownRegular, ArrowSortUpRegular } from '@fluentui/react-icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useId, useRef, useState } from 'react';
import type { TableColumn } from './table-model.ts';

const rowHeightPx = 34;
const columnGapPx = 12;

const useStyles = makeStyles({
  scroll: {
    position: 'relative',
    overflow: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '0px' },
  },
  fillScroll: { flexGrow: 1, height: 0 },
  inner: { position: 'relative' },
  row: {
    display: 'grid',
    columnGap: `${columnGapPx}px`,
    padding: '0 12px',
    alignItems: 'center',
    boxSizing: 'border-box',
  },
  headerRow: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    height: `${rowHeightPx}px`,
    backgroundColor: tokens.colorNeutralBackground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  bodyRow: {
    position: 'absolute',
    left: 0,
    width: '100%',
    height: `${rowHeightPx}px`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    fontSize: tokens.fontSizeBase300,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  opens: { cursor: 'pointer' },
  active: {
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandBackground}`,
    // Which has no shadows.
    '@media (forced-colors: active)': { outline: '2px solid Highlight', outlineOffset: '-2px' },
  },
  cell: { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  numeric: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  sort: {
    display: 'flex',
    alignItems: 'center',
    columnGap: '4px',
    width: '100%',
    minWidth: 0,
    height: '24px',
    padding: 0,
    border: 'none',
    background: 'none',
    color: tokens.colorNeutralForeground2,
    fontFamily: 'inherit',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    cursor: 'pointer',
    ':hover': { color: tokens.colorNeutralForeground1 },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  sortLabel: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  sortNumeric: { justifyContent: 'flex-end' },
  nothing: { padding: '24px', textAlign: 'center', color: tokens.colorNeutralForeground2 },
});

/** What a table shows of its rows, and how. */
export interface TableRows<Row> {
  /** Names the table for screen readers and the CSV file. */
  readonly label: string;
  readonly rowId: (row: Row) => string;
  /** Opens a row by click or Enter. */
  readonly onOpen?: (row: Row) => void;
  /** Fills its parent; else as high as its rows, up to `maxHeightPx`. */
  readonly isFilling?: boolean;
  readonly maxHeightPx?: number;
  readonly empty: ReactNode;
}

interface TableGridProps<Row> extends TableRows<Row> {
  readonly shown: readonly TableColumn<Row>[];
  readonly sorted: readonly Row[];
  readonly sorting: { readonly id: string; readonly desc: boolean } | undefined;
  readonly onSort: (id: string) => void;
  readonly isFiltered: boolean;
  /** There are rows, which are shown in a moment. */
  readonly isYetToCome: boolean;
}

/** The rows on the screen and no others: 10,000 rows cost what 30 cost. */
export function TableGrid<Row>(props: TableGridProps<Row>) {
  const { shown, sorted, rowId, onOpen } = props;
  const styles = useStyles();
  const gridId = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeightPx,
    scrollPaddingStart: rowHeightPx,
    overscan: 12,
  });
  const template = shown.map((column) => `minmax(${column.width}px, ${column.grow ?? 1}fr)`).join(' ');
  const minWidthPx = shown.reduce((sum, { width }) => sum + width + columnGapPx, 24 - columnGapPx);
  const activeIndex = activeId === null ? -1 : sorted.findIndex((row) => rowId(row) === activeId);

  const moveBy: Record<string, (from: number) => number> = {
    ArrowDown: (from) => from + 1,
    ArrowUp: (from) => Math.max(0, from - 1),
    PageDown: (from) => from + 15,
    PageUp: (from) => from - 15,
    Home: () => 0,
    End: () => sorted.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || sorted.length === 0) return;
    const active = sorted[activeIndex];
    if (event.key === 'Enter' && active !== undefined) return onOpen?.(active);
    const move = moveBy[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(sorted.length - 1, move(activeIndex)));
    const row = sorted[next];
    if (row === undefined) return;
    setActiveId(rowId(row));
    virtualizer.scrollToIndex(next);
  };

  const bodyHeightPx = sorted.length === 0 ? 72 : virtualizer.getTotalSize();
  const size =
    props.isFilling === true ? {} : { height: Math.min(bodyHeightPx + rowHeightPx + 2, props.maxHeightPx ?? 400) };
  return (
    <div
      ref={scroll}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={sorted.length + 1}
      aria-colcount={shown.length}
      aria-activedescendant={activeIndex < 0 ? undefined : `${gridId}-${activeId}`}
      className={mergeClasses(styles.scroll, props.isFilling && styles.fillScroll)}
      style={size}
      onKeyDown={onKeyDown}
    >
      <div className={styles.inner} style={{ minWidth: minWidthPx }} role="presentation">
        <div
          role="row"
          aria-rowindex={1}
          className={mergeClasses(styles.row, styles.headerRow)}
          style={{ gridTemplateColumns: template }}
        >
          {shown.map((column) => (
            <HeaderCell key={column.id} column={column} sorting={props.sorting} onSort={props.onSort} />
          ))}
        </div>
        <div role="rowgroup" style={{ height: bodyHeightPx, position: 'relative' }}>
          {sorted.length === 0 && !props.isYetToCome && (
            <div role="row">
              <div role="gridcell" className={styles.nothing}>
                {props.isFiltered ? 'Nothing matches the filter.' : props.empty}
              </div>
            </div>
          )}
          {virtualizer.getVirtualItems().map((item) => {
            const row = sorted[item.index];
            if (row === undefined) return null;
            const id = rowId(row);
            return (
              <BodyRow
                key={id}
                domId={`${gridId}-${id}`}
                row={row}
                rowIndex={item.index + 2}
                startPx={item.start}
                shown={shown}
                template={template}
                isActive={id === activeId}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface BodyRowProps<Row> {
  readonly domId: string;
  readonly row: Row;
  readonly rowIndex: number;
  readonly startPx: number;
  readonly shown: readonly TableColumn<Row>[];
  readonly template: string;
  readonly isActive: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
}

function PlainBodyRow<Row>(props: BodyRowProps<Row>) {
  const styles = useStyles();
  const { row, shown, onOpen, isActive } = props;
  return (
    <div
      id={props.domId}
      role="row"
      aria-rowindex={props.rowIndex}
      aria-selected={isActive}
      className={mergeClasses(
        styles.row,
        styles.bodyRow,
        onOpen !== undefined && styles.opens,
        isActive && styles.active,
      )}
      style={{ gridTemplateColumns: props.template, transform: `translateY(${props.startPx}px)` }}
      onClick={onOpen === undefined ? undefined : () => onOpen(row)}
    >
      {shown.map((column) => (
        <BodyCell key={column.id} column={column} row={row} />
      ))}
    </div>
  );
}

/** While a table is scrolled only rows that come into view are rendered. */
const BodyRow = memo(PlainBodyRow) as typeof PlainBodyRow;

function HeaderCell<Row>(props: {
  column: TableColumn<Row>;
  sorting: { readonly id: string; readonly desc: boolean } | undefined;
  onSort: (id: string) => void;
}) {
  const styles = useStyles();
  const { column, sorting } = props;
  const direction = sorting?.id !== column.id ? 'none' : sorting.desc ? 'descending' : 'ascending';
  if (column.header === '') return <div role="columnheader" className={styles.cell} />;
  return (
    <div role="columnheader" aria-sort={direction} className={styles.cell}>
      <button
        type="button"
        title={column.header}
        className={mergeClasses(styles.sort, column.isNumeric && styles.sortNumeric)}
        onClick={() => props.onSort(column.id)}
      >
        <span className={styles.sortLabel}>{column.header}</span>
        {direction === 'ascending' && <ArrowSortUpRegular aria-hidden />}
        {direction === 'descending' && <ArrowSortDownRegular aria-hidden />}
      </button>
    </div>
  );
}

function BodyCell<Row>({ column, row }: { column: TableColumn<Row>; row: Row }) {
  const styles = useStyles();
  const value = column.value(row);
  return (
    <div
      role="gridcell"
      className={mergeClasses(styles.cell, column.isNumeric && styles.numeric)}
      title={column.cell === undefined && typeof value === 'string' ? value : undefined}
    >
      {column.cell === undefined ? (value ?? '–') : column.cell(row)}
    </div>
  );
}
