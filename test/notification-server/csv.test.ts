import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../electron/notification-server/csv-reader.ts';
import { formatCsv } from '../../shared/base/csv.ts';

function cellsOf(text: string): (readonly string[])[] {
  const parsed = parseCsv(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.map(({ cells }) => cells);
}

describe('comma-separated values', () => {
  test('are read with quotation marks, line feeds within them, and either end of line', () => {
    const parsed = parseCsv(
      '\uFEFFname,subnets\r\n"Berlin, ""Mitte""","10.1.0.0/16\r\n10.2.0.0/16"\n\nHamburg,\r\nlast,',
    );
    expect(parsed).toEqual({
      ok: true,
      value: [
        { line: 1, cells: ['name', 'subnets'] },
        { line: 2, cells: ['Berlin, "Mitte"', '10.1.0.0/16\r\n10.2.0.0/16'] },
        { line: 5, cells: ['Hamburg', ''] },
        { line: 6, cells: ['last', ''] },
      ],
    });
  });

  test('of nothing are no records', () => {
    expect([cellsOf(''), cellsOf('\uFEFF'), cellsOf('\r\n\n')]).toEqual([[], [], []]);
  });

  test.each([
    ['a,b\n"c', 2, 1, 'never closed'],
    ['a,b\nc,"d"e', 2, 2, 'After a closing quotation mark'],
    ['a\n\n"x\ny",b"c', 4, 2, 'has to begin its cell'],
  ])('%j is refused at line %i, cell %i', (text, line, cell, words) => {
    const parsed = parseCsv(text);
    expect(parsed).toMatchObject({ ok: false, error: { line, cell, message: expect.stringContaining(words) } });
  });

  test('no cell begins like a formula for a spreadsheet, and all are read back as they were', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '=', "'", '-', '+', '@', '"', ',', '\n', '\r', '\t', ' ', 'ä'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 5 }), (rows) => {
        for (const written of rows.flat()) expect(formatCsv([written], []).slice(1)).not.toMatch(/^"?[=+\-@]/);
        expect(cellsOf(formatCsv(['one', 'two'], rows))).toEqual([['one', 'two'], ...rows]);
      }),
    );
  });

  test('whatever is read, reading never throws', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', "'", '=') });
    fc.assert(
      fc.property(text, (anything) => {
        const parsed = parseCsv(anything);
        if (!parsed.ok) expect(parsed.error.line * parsed.error.cell).toBeGreaterThan(0);
      }),
    );
  });
});
