import type { ReportRange } from '../../../shared/server/statistics/report-plan.ts';

/** Reads the parts of a time one after the other; between two of them the event loop serves its sockets. */
export async function afterEachTurn<Slice extends ReportRange, Row>(
  slices: readonly Slice[],
  read: (slice: Slice) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const slice of slices) {
    for (const row of await read(slice)) rows.push(row);
    await nextTurn();
  }
  return rows;
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A time of a query, which is text; null where it is missing. */
export function millisecondsOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
