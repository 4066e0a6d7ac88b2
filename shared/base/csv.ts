import type { Result } from './result.ts';
import { err, ok } from './result.ts';

/** Comma-separated values as RFC 4180 has them, with a byte order mark, which spreadsheets need to read UTF-8. */

export interface CsvRecord {
  /** In which it begins, 1 = the first. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvProblem {
  readonly line: number;
  /** Of the line's characters, 1 = the first. */
  readonly column: number;
  readonly message: string;
}

/** A spreadsheet would run text that begins like a formula; names come from other computers. */
const formulaStart = /^[=+\-@\t\r']/;
const guardedStart = /^'[=+\-@\t\r']/;

export function formatCsv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [header, ...rows].map((cells) => cells.map(csvCell).join(','));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

/** Every record that is not an empty line, without the guards against formulas that `formatCsv` adds. */
export function parseCsv(text: string): Result<readonly CsvRecord[], CsvProblem> {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let lineStart = at;
  let recordLine = 1;
  const problem = (message: string) => err<CsvProblem>({ line, column: at - lineStart + 1, message });
  const endRecord = (): void => {
    if (cells.length > 1 || cells[0] !== '') records.push({ line: recordLine, cells });
    cells = [];
  };
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const opened = { line, column: at - lineStart + 1 };
      for (at++; ; at++) {
        if (at >= text.length) return err({ ...opened, message: 'The quotation mark is never closed.' });
        if (text[at] === '"') {
          if (text[at + 1] !== '"') break;
          at++;
        } else if (text[at] === '\n') {
          line++;
          lineStart = at + 1;
        }
        cell += text[at];
      }
      at++;
      if (at < text.length && !/[,\r\n]/.test(text[at] ?? '')) {
        return problem('After a closing quotation mark a comma or the end of the line has to come.');
      }
    } else {
      const end = endOfCell(text, at);
      cell = text.slice(at, end);
      at = end;
      if (text[at] === '"') return problem('A quotation mark has to begin its cell, and is doubled within one.');
    }
    cells.push(guardedStart.test(cell) ? cell.slice(1) : cell);
    if (text[at] === ',') {
      at++;
      // The last cell of the file, empty and without an end of line.
      if (at === text.length) cells.push('');
      continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    else if (text[at] === '\r') return problem('A carriage return has to be followed by a line feed.');
    at++;
    endRecord();
    line++;
    lineStart = at;
    recordLine = line;
  }
  if (cells.length > 0) endRecord();
  return ok(records);
}

function endOfCell(text: string, from: number): number {
  let end = from;
  while (end < text.length && !/[",\r\n]/.test(text[end] ?? '')) end++;
  return end;
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
