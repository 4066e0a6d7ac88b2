import type { ReactNode } from 'react';
import { formatCsv } from '../../shared/base/csv.ts';

/** One column of a `DataTable`: what it sorts by, what the filter and a CSV see, and how it looks. */
export interface TableColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** Sorted by and exported; null sorts last. */
  readonly value: (row: Row) => string | number | null;
  /** Shown; the value itself where it is missing. */
  readonly cell?: (row: Row) => ReactNode;
  /** Smallest width in pixels. */
  readonly width: number;
  /** Share of the width that is left; 0 = fixed. */
  readonly grow?: number;
  readonly isNumeric?: boolean;
  /** Off until the person chooses it. */
  readonly isHiddenAtFirst?: boolean;
}

/** Orders `a-2` before `a-10`: numbers inside are padded. Computed once a row, so that sorting compares plain text. */
export function naturalKey(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}

/** Rows of which every word of `filter` occurs in some column of text. */
export function filterRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  filter: string,
): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns
      .map((column) => column.value(row))
      .filter((value) => typeof value === 'string')
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The rows as the table shows them, times as ISO 8601 where the column's value is one. */
export function tableCsv<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string {
  return formatCsv(
    columns.map((column) => column.header),
    rows.map((row) => columns.map((column) => column.value(row) ?? '')),
  );
}
