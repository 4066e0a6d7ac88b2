// biome-ignore-all lint/a11y/useSemanticElements: a virtualised table positions its rows, which table elements cannot; the roles say the same.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the active row (aria-activedescendant).
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys of all rows.
import {
  Button,
  Menu,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  mergeClasses,
  SearchBox,
  Text,
  tokens,
} from '@fluentui/react-components';
import {
  ArrowDownloadRegular,
  ArrowSortDownRegular,
  ArrowSortUpRegular,
  ColumnTripleRegular,
} from '@fluentui/react-icons';
import {
  columnVisibilityFeature,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  type SortingState,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useId, useMemo, useRef, useState } from 'react';
import { saveTextFile } from './csv.ts';
import { formatCount, formatQuantity } from './format.ts';
import { filterRows, naturalKey, type TableColumn, tableCsv } from './table-model.ts';

const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

const rowHeightPx = 34;
const columnGapPx = 12;

const useStyles = makeStyles({
  frame: { display: 'flex', flexDirection: 'column', rowGap: '8px', minHeight: 0, minWidth: 0 },
  fill: { flexGrow: 1, height: 0 },
  tools: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '8px' },
  search: { width: '240px' },
  count: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums' },
  space: { flexGrow: 1 },
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
  active: { boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandBackground}` },
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

interface DataTableProps<Row extends RowData> {
  /** Names the table for screen readers and the CSV file. */
  readonly label: string;
  /** Of one row, for the count: "agent". */
  readonly noun: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly sortedBy: { readonly id: string; readonly descending?: boolean };
  /** Opens a row by click or Enter. */
  readonly onOpen?: (row: Row) => void;
  /** Fills its parent; else as high as its rows, up to `maxHeightPx`. */
  readonly isFilling?: boolean;
  readonly maxHeightPx?: number;
  /** Filter, columns and CSV; off for short tables inside a page. */
  readonly hasTools?: boolean;
  readonly empty: ReactNode;
}

export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { columns, rows, rowId } = props;
  const styles = useStyles();
  const [filter, setFilter] = useState('');
  const appliedFilter = useDeferredValue(filter);
  const [sorting, setSorting] = useState<SortingState>([
    { id: props.sortedBy.id, desc: props.sortedBy.descending === true },
  ]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(columns.filter((column) => column.isHiddenAtFirst).map((column) => column.id)),
  );
  const filtered = useMemo(() => filterRows(rows, columns, appliedFilter), [rows, columns, appliedFilter]);
  const tableColumns = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: Row) => {
          const value = column.value(row);
          return typeof value === 'string' ? naturalKey(value) : (value ?? undefined);
        },
        sortFn: 'basic' as const,
        sortUndefined: 'last' as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: tableColumns,
    data: filtered as Row[],
    getRowId: rowId,
    enableSortingRemoval: false,
    state: { sorting, columnVisibility: visibilityOf(hidden) },
    onSortingChange: setSorting,
  });
  const shown = columns.filter((column) => !hidden.has(column.id));
  const sortedRows = table.getRowModel().rows;
  const exportCsv = () =>
    saveTextFile(
      `${props.label.toLowerCase().replaceAll(' ', '-')}.csv`,
      tableCsv(
        shown,
        sortedRows.map((row) => row.original),
      ),
    );
  const toggleSort = (id: string) =>
    setSorting((current) => [{ id, desc: current[0]?.id === id ? !current[0].desc : false }]);
  return (
    <div className={mergeClasses(styles.frame, props.isFilling && styles.fill)}>
      {props.hasTools !== false && (
        <div className={styles.tools}>
          <SearchBox
            className={styles.search}
            aria-label={`Filter ${props.label}`}
            placeholder="Filter"
            value={filter}
            onChange={(_event, data) => setFilter(data.value)}
          />
          <Text size={200} className={styles.count} role="status">
            {filtered.length === rows.length
              ? formatQuantity(rows.length, props.noun)
              : `${formatCount(filtered.length)} of ${formatQuantity(rows.length, props.noun)}`}
          </Text>
          <span className={styles.space} />
          <ColumnsMenu columns={columns} hidden={hidden} onChange={setHidden} />
          <Button
            appearance="subtle"
            icon={<ArrowDownloadRegular />}
            onClick={exportCsv}
            disabled={filtered.length === 0}
          >
            Export CSV
          </Button>
        </div>
      )}
      <Grid
        {...props}
        shown={shown}
        sorted={sortedRows.map((row) => row.original)}
        sorting={sorting[0]}
        onSort={toggleSort}
        isFiltered={rows.length > 0}
      />
    </div>
  );
}

function visibilityOf(hidden: ReadonlySet<string>): Record<string, boolean> {
  return Object.fromEntries([...hidden].map((id) => [id, false]));
}

function ColumnsMenu<Row>(props: {
  columns: readonly TableColumn<Row>[];
  hidden: ReadonlySet<string>;
  onChange: (hidden: ReadonlySet<string>) => void;
}) {
  const shown = props.columns.filter((column) => !props.hidden.has(column.id)).map((column) => column.id);
  return (
    <Menu
      checkedValues={{ columns: shown }}
      onCheckedValueChange={(_event, data) => {
        if (data.checkedItems.length === 0) return; // a table without columns could not be brought back by looking at it
        props.onChange(new Set(props.columns.map(({ id }) => id).filter((id) => !data.checkedItems.includes(id))));
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<ColumnTripleRegular />}>
          Columns
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {props.columns.map((column) => (
            <MenuItemCheckbox key={column.id} name="columns" value={column.id}>
              {column.header}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

interface GridProps<Row extends RowData> extends DataTableProps<Row> {
  readonly shown: readonly TableColumn<Row>[];
  readonly sorted: readonly Row[];
  readonly sorting: { readonly id: string; readonly desc: boolean } | undefined;
  readonly onSort: (id: string) => void;
  readonly isFiltered: boolean;
}

/** The rows on the screen and no others: 10,000 rows cost what 30 cost. */
function Grid<Row extends RowData>(props: GridProps<Row>) {
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
          {sorted.length === 0 && (
            <div className={styles.nothing}>{props.isFiltered ? 'Nothing matches the filter.' : props.empty}</div>
          )}
          {virtualizer.getVirtualItems().map((item) => {
            const row = sorted[item.index];
            if (row === undefined) return null;
            const id = rowId(row);
            return (
              <div
                key={id}
                id={`${gridId}-${id}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={id === activeId}
                className={mergeClasses(
                  styles.row,
                  styles.bodyRow,
                  onOpen !== undefined && styles.opens,
                  id === activeId && styles.active,
                )}
                style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
                onClick={onOpen === undefined ? undefined : () => onOpen(row)}
              >
                {shown.map((column) => (
                  <BodyCell key={column.id} column={column} row={row} />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function HeaderCell<Row>(props: {
  column: TableColumn<Row>;
  sorting: { readonly id: string; readonly desc: boolean } | undefined;
  onSort: (id: string) => void;
}) {
  const styles = useStyles();
  const { column, sorting } = props;
  const direction = sorting?.id !== column.id ? 'none' : sorting.desc ? 'descending' : 'ascending';
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
