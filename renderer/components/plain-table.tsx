import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  table: { width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' },
  fixed: { tableLayout: 'fixed' },
  head: {
    textAlign: 'left',
    padding: '4px 8px 4px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  cell: {
    padding: '6px 8px 6px 0',
    verticalAlign: 'top',
    overflowWrap: 'anywhere',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  numeric: { textAlign: 'right', whiteSpace: 'nowrap' },
});

interface PlainTableProps {
  readonly label: string;
  readonly columns: readonly { readonly header: string; readonly isNumeric?: boolean }[];
  /** As many cells as there are columns. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly ReactNode[] }[];
  /** All columns as wide. */
  readonly isFixed?: boolean;
}

/** A few rows inside a panel, without sorting or filter. */
export function PlainTable({ label, columns, rows, isFixed = false }: PlainTableProps) {
  const styles = useStyles();
  const numeric = (index: number) => columns[index]?.isNumeric === true && styles.numeric;
  return (
    <table className={mergeClasses(styles.table, isFixed && styles.fixed)} aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ header }, index) => (
            <th key={header} scope="col" className={mergeClasses(styles.head, numeric(index))}>
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, cells }) => (
          <tr key={id}>
            {columns.map(({ header }, index) => (
              <td key={header} className={mergeClasses(styles.cell, numeric(index))}>
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
