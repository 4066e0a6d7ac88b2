import { expect, it } from 'vitest';
import { periodsWords } from '../../renderer/features/settings/period-words.ts';
import type { Weekday } from '../../shared/base/week-time.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { BlockoutPeriod } from '../../shared/contracts/week-periods.ts';

function blockout(days: readonly Weekday[], from = '08:00', to = '18:00'): BlockoutPeriod {
  return { days: [...days], from, to, kind: 'downloads' };
}
const wordsOfDays = (...days: Weekday[]) => periodsWords([blockout(days)]).replace(' 08:00–18:00 no downloads', '');
const wordsOfSpan = (from: string, to: string) =>
  periodsWords([blockout(['mon'], from, to)]).replace(/^Mon (.*) no downloads$/, '$1');

it('says a throttling period in one line', () => {
  const days: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
  expect(periodsWords([{ days, from: '08:00', to: '18:00', kilobytesPerSecond: 1500 }])).toBe(
    'Mon–Fri 08:00–18:00 1,500 KB/s',
  );
});

it('says several periods one after the other, with what each stops', () => {
  const total: BlockoutPeriod = { ...blockout(['sun'], '00:00', '00:00'), kind: 'total' };
  expect(periodsWords([blockout(['sat']), total])).toBe('Sat 08:00–18:00 no downloads; Sun all day no communication');
});

it('joins three days in a row and names two', () => {
  expect(wordsOfDays('mon', 'tue')).toBe('Mon, Tue');
  expect(wordsOfDays('mon', 'tue', 'wed', 'sat', 'sun')).toBe('Mon–Wed, Sat, Sun');
  expect(wordsOfDays(...weekdays)).toBe('Every day');
});

it('says days in the order of the week, however they are stored', () => {
  expect(wordsOfDays('wed', 'mon', 'tue')).toBe('Mon–Wed');
});

it('says where a period ends on the next day, and where it lasts a whole day', () => {
  expect(wordsOfSpan('08:00', '18:00')).toBe('08:00–18:00');
  expect(wordsOfSpan('22:00', '06:00')).toBe('22:00–06:00 (next day)');
  expect(wordsOfSpan('18:00', '00:00')).toBe('18:00–00:00');
  expect(wordsOfSpan('00:00', '00:00')).toBe('all day');
  expect(wordsOfSpan('08:00', '08:00')).toBe('from 08:00 for 24 hours');
});
