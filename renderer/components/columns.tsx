import { formatBytes, formatExactTime } from './format.ts';
import { RelativeTime } from './relative-time.tsx';
import type { TableColumn } from './table-model.ts';

type Shape = Partial<Pick<TableColumn<never>, 'width' | 'grow' | 'isHiddenAtFirst'>>;

/** A number of bytes, aligned and in units for people. */
export function bytesColumn<Row>(
  id: string,
  header: string,
  bytes: (row: Row) => number,
  shape: Shape = {},
): TableColumn<Row> {
  const cell = (row: Row) => (bytes(row) < 0 ? `−${formatBytes(-bytes(row))}` : formatBytes(bytes(row)));
  return { id, header, value: bytes, cell, width: 84, grow: 1, isNumeric: true, ...shape };
}

/** How long ago something was; `none` where it never was. */
export function agoColumn<Row>(
  id: string,
  header: string,
  atMs: (row: Row) => number | null,
  { none = '–', ...shape }: Shape & { readonly none?: string } = {},
): TableColumn<Row> {
  const cell = (row: Row) => {
    const at = atMs(row);
    return at === null ? none : <RelativeTime atMs={at} />;
  };
  return { id, header, value: atMs, cell, width: 104, grow: 0, ...shape };
}

/** An exact time; a dash where there is none. */
export function momentColumn<Row>(
  id: string,
  header: string,
  atMs: (row: Row) => number | null,
  shape: Shape = {},
): TableColumn<Row> {
  const cell = (row: Row) => {
    const at = atMs(row);
    return at === null ? '–' : formatExactTime(at);
  };
  return { id, header, value: atMs, cell, width: 160, grow: 0, ...shape };
}
