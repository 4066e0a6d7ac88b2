import type { ReactNode } from 'react';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';

/** A name that leads one step down, where there is one. */
export function nameColumn<Row extends { readonly name: string }>(
  header: string,
  pathOf: (row: Row) => string | null,
): TableColumn<Row> {
  return {
    id: 'name',
    header,
    value: (row) => row.name,
    cell: (row) => nameCell(row.name, pathOf(row)),
    width: 160,
    grow: 3,
  };
}

function nameCell(name: string, path: string | null): ReactNode {
  return path === null ? <span title={name}>{name}</span> : <RowLink path={path}>{name}</RowLink>;
}
