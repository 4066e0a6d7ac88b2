import { expect, it } from 'vitest';
import {
  canonicalHours,
  cellMark,
  cellShare,
  cellWords,
  hourOfWeekIn,
  hourWords,
  painted,
  rectangle,
} from '../../renderer/features/sites/hours-words.ts';

it('paints the rectangle between two hours, whichever comes first', () => {
  // Friday 18:00 and Monday 08:00.
  const chosen = rectangle(4 * 24 + 18, 8);
  expect(chosen.size).toBe(5 * 11);
  expect(painted('', chosen, { kind: 'percent', percent: 25 })).toBe('mon-fri 08-19 25%');
});

it('keeps every rule beside what is painted', () => {
  const before = 'mon-fri 08-18 25%; sat,sun closed';
  const after = painted(before, new Set([6 * 24 + 3]), { kind: 'rate', kilobitsPerSecond: 2000 });
  expect(after).toContain('mon-fri 08-18 25%');
  expect(after).toContain('03-04 2000kbit/s');
  expect(painted(after, new Set([6 * 24 + 3]), { kind: 'closed' })).toBe(canonicalHours(before));
});

it('paints nothing over rules that are half typed', () => {
  expect(painted('mon-', new Set([0]), { kind: 'closed' })).toBe('mon-');
});

it('says what holds in an hour', () => {
  expect(cellWords({ kind: 'percent', percent: 25 }, 20_000)).toBe('25 %, 5,000 kbit/s');
  expect(cellWords({ kind: 'percent', percent: 100 }, 20_000)).toBe('Whole link');
  expect(cellWords({ kind: 'rate', kilobitsPerSecond: 500 }, 0)).toBe('500 kbit/s');
  expect(hourWords(6 * 24 + 23)).toBe('Sunday 23:00–24:00');
});

it('fits a rate into an hour of the grid', () => {
  const marks = [64, 999, 1500, 20_000, 100_000_000].map((kilobitsPerSecond) =>
    cellMark({ kind: 'rate', kilobitsPerSecond }),
  );
  expect(marks).toEqual(['64k', '999k', '1.5M', '20M', '100G']);
  expect(cellMark({ kind: 'closed' })).toBe('×');
});

it('fills an hour by how much of the link it leaves', () => {
  expect(cellShare({ kind: 'rate', kilobitsPerSecond: 5000 }, 20_000)).toBe(25);
  expect(cellShare({ kind: 'rate', kilobitsPerSecond: 50_000 }, 20_000)).toBe(100);
  expect(cellShare({ kind: 'closed' }, 20_000)).toBe(0);
});

it('follows the clocks of the site', () => {
  // Sunday 23:30 UTC is Monday 00:30 in Berlin, in winter.
  const atMs = Date.UTC(2026, 0, 4, 23, 30);
  expect(hourOfWeekIn('UTC', atMs)).toBe(6 * 24 + 23);
  expect(hourOfWeekIn('Europe/Berlin', atMs)).toBe(0);
  expect(hourOfWeekIn('Nowhere/Land', atMs)).toBeNull();
});
