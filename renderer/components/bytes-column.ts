import { formatBytes } from './format.ts';
import type { TableColumn } from './table-model.ts';

export function bytesColumn<Row>(
  id: string,
  header: string,
  bytes: (row: Row) => number,
  width = 84,
): TableColumn<Row> {
  const cell = (row: Row) => (bytes(row) < 0 ? `−${formatBytes(-bytes(row))}` : formatBytes(bytes(row)));
  return { id, header, value: bytes, cell, width, grow: 1, isNumeric: true };
}
