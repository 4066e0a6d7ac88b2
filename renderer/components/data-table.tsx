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
import { ArrowDownloadRegular, ColumnTripleRegular } from '@fluentui/react-icons';
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
import { useDeferredValue, useMemo, useState } from 'react';
import { saveTextFile } from './csv.ts';
import { formatCount, formatQuantity } from './format.ts';
import { TableGrid, type TableRows } from './table-grid.tsx';
import { filterRows, naturalKey, type TableColumn, tableCsv } from './table-model.ts';

const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

const useStyles = makeStyles({
  frame: { display: 'flex', flexDirection: 'column', rowGap: '8px', minHeight: 0, minWidth: 0 },
  fill: { flexGrow: 1, height: 0 },
  tools: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '8px' },
  // Beside an open side panel it gives way, so that the buttons stay in its line.
  search: { flexBasis: '120px', flexGrow: 999, minWidth: '120px', maxWidth: '240px' },
  count: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums' },
  space: { flexGrow: 1 },
});

/** More rows than this are sorted and shown once the page stands, in turns in which the page stays usable. */
const rowsAtOnce = 1000;

interface DataTableProps<Row extends RowData> extends TableRows<Row> {
  /** Of one row, for the count: "agent". */
  readonly noun: string;
  /** Where it is more than the noun with an s: "deliveries". */
  readonly nounPlural?: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly sortedBy: { readonly id: string; readonly descending?: boolean };
  /** Filter, columns and CSV; off for short tables inside a page. */
  readonly hasTools?: boolean;
}

export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { columns, rowId } = props;
  const styles = useStyles();
  const rows = useRowsInTime(props.rows);
  const [filter, setFilter] = useState('');
  const appliedFilter = useDeferredValue(filter);
  const [sorting, setSorting] = useState<SortingState>([
    { id: props.sortedBy.id, desc: props.sortedBy.descending === true },
  ]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(columns.filter((column) => column.isHiddenAtFirst).map((column) => column.id)),
  );
  const filtered = useMemo(() => filterRows(rows ?? [], columns, appliedFilter), [rows, columns, appliedFilter]);
  const all = rows ?? props.rows;
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
  const shown = useMemo(() => columns.filter((column) => !hidden.has(column.id)), [columns, hidden]);
  const sortedRows = table.getRowModel().rows;
  const sorted = useMemo(() => sortedRows.map((row) => row.original), [sortedRows]);
  const exportCsv = () =>
    saveTextFile(`${props.label.toLowerCase().replaceAll(' ', '-')}.csv`, tableCsv(shown, sorted));
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
            {rows === null || filtered.length === all.length
              ? formatQuantity(all.length, props.noun, props.nounPlural)
              : `${formatCount(filtered.length)} of ${formatQuantity(all.length, props.noun, props.nounPlural)}`}
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
      <TableGrid
        {...props}
        shown={shown}
        sorted={sorted}
        sorting={sorting[0]}
        onSort={toggleSort}
        isFiltered={all.length > 0}
        isYetToCome={rows === null}
      />
    </div>
  );
}

/** Null where they are many and the page is shown first. */
function useRowsInTime<Row>(rows: readonly Row[]): readonly Row[] | null {
  const areMany = rows.length > rowsAtOnce;
  const later = useDeferredValue(rows, areMany ? null : rows);
  return areMany ? later : rows;
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
