import { CsvError, parse } from 'csv-parse/sync';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';

export interface CsvRecord {
  /** In which it begins, 1 = the first. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvProblem {
  readonly line: number;
  /** Which cell of the line, 1 = the first. */
  readonly cell: number;
  readonly message: string;
}

/** What `formatCsv` puts before text that a spreadsheet would run. */
const guardedStart = /^'[=+\-@\t\r']/;

const sentences: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'The quotation mark is never closed.',
  CSV_INVALID_CLOSING_QUOTE: 'After a closing quotation mark a comma or the end of the line has to come.',
  INVALID_OPENING_QUOTE: 'A quotation mark has to begin its cell, and is doubled within one.',
};

/** Every record that is not an empty line, without the guards against formulas that `formatCsv` adds. */
export function parseCsv(text: string): Result<readonly CsvRecord[], CsvProblem> {
  const records: CsvRecord[] = [];
  let countedTwice = 0;
  try {
    parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (record: readonly string[], { lines }) => {
        // `lines` is where the record ends, and takes a line end of two characters within quotation marks for two.
        countedTwice += occurrences(record, '\r\n');
        const line = lines - countedTwice - occurrences(record, '\n');
        records.push({ line, cells: record.map((cell) => (guardedStart.test(cell) ? cell.slice(1) : cell)) });
        return null;
      },
    });
    return ok(records);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { code, lines, column, message } = error;
    const cell = typeof column === 'number' ? column + 1 : 1;
    return err({ line: Number(lines), cell, message: sentences[code] ?? message });
  }
}

function occurrences(cells: readonly string[], text: string): number {
  return cells.reduce((sum, cell) => sum + cell.split(text).length - 1, 0);
}
