import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScheduleCell } from '../../shared/base/bandwidth-schedule.ts';
import {
  cellAt,
  formatSchedule,
  hoursPerWeek,
  maximumScheduleLength,
  parseSchedule,
} from '../../shared/base/bandwidth-schedule.ts';

const cell: fc.Arbitrary<ScheduleCell> = fc.oneof(
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ kind: 'percent' as const, percent })),
  fc.integer({ min: 1, max: 100_000_000 }).map((kilobitsPerSecond) => ({ kind: 'rate' as const, kilobitsPerSecond })),
  fc.constant({ kind: 'closed' as const }),
);

function cellsOf(text: string): readonly ScheduleCell[] {
  const parsed = parseSchedule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('a bandwidth schedule', () => {
  test('says what holds in each hour of the week, the later rule first', () => {
    const cells = cellsOf('mon-fri 08-18 25%; wed 12-13 2000 kbit/s; sat,sun closed');
    const at = (day: number, hour: number) => cellAt(cells, (day * 24 + hour) * 60 + 59);
    expect([at(0, 7), at(0, 8), at(4, 17), at(4, 18)]).toEqual(
      [100, 25, 25, 100].map((percent) => ({ kind: 'percent', percent })),
    );
    expect([at(2, 11), at(2, 12)]).toEqual([
      { kind: 'percent', percent: 25 },
      { kind: 'rate', kilobitsPerSecond: 2000 },
    ]);
    expect([at(5, 0), at(6, 23)]).toEqual([{ kind: 'closed' }, { kind: 'closed' }]);
  });

  test('without rules is always the whole link, and is written as nothing', () => {
    expect(cellsOf(' ; ')).toHaveLength(hoursPerWeek);
    expect(formatSchedule(cellsOf(' ; '))).toBe('');
  });

  test.each([
    ['MON-FRI  08-18  25 %', 'mon-fri 08-18 25%'],
    ['8-12,13-18 512kbit/s', '08-12,13-18 512kbit/s'],
    ['25%', '25%'],
    ['mon 00-24 closed; tue closed', 'mon-tue closed'],
    ['closed; sun 02-04 100%', 'mon-sat closed; sun 00-02,04-24 closed'],
    ['sat 10%; 08-09 20%', 'mon-fri,sun 08-09 20%; sat 00-08,09-24 10%; sat 08-09 20%'],
  ])('%j is written as %j', (written, canonical) => {
    expect(formatSchedule(cellsOf(written))).toBe(canonical);
  });

  test('of any cells is written and read without loss', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: hoursPerWeek, maxLength: hoursPerWeek }), (cells) => {
        const text = formatSchedule(cells);
        expect(text.length).toBeLessThanOrEqual(maximumScheduleLength);
        expect(cellsOf(text)).toEqual(cells);
      }),
    );
  });

  test.each([
    ['mon-fri', '"mon-fri" says nothing about the link'],
    ['monday 25%', '"monday" is neither a day'],
    ['fri-mon 25%', 'runs over the end of the week'],
    ['22-06 25%', 'write 22-24 and 00-06'],
    ['08-25 25%', 'are no hours'],
    ['8-8 closed', 'runs over midnight'],
    ['0%', 'write closed'],
    ['0kbit/s', 'write closed'],
    ['101%', 'at most 100%'],
    ['2000', 'says nothing about the link'],
    ['100000001kbit/s', 'at most 100000000 kbit/s'],
    ['mon tue 25%', 'second list of days'],
    ['08-09 10-11 25%', 'second list of hours'],
    ['-1%', 'says nothing'],
    ['x'.repeat(maximumScheduleLength + 1), 'at most 5000 characters'],
  ])('%j is refused with a reason', (text, reason) => {
    const parsed = parseSchedule(text);
    expect(parsed.ok ? '' : parsed.error).toContain(reason);
  });

  test('whatever is written, reading it never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'mon-friclsd0123456789%;, kbt/') }), (text) => {
        const parsed = parseSchedule(text);
        if (parsed.ok) expect(cellsOf(formatSchedule(parsed.value))).toEqual(parsed.value);
      }),
    );
  });
});
