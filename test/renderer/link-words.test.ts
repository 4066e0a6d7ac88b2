import { expect, it } from 'vitest';
import { bitRateWords, limitWords, loadWords, shareWords } from '../../renderer/features/sites/link-words.ts';

function link(bytesPerSecond: number, limitBytesPerSecond: number | null) {
  return { bytesPerSecond, limitBytesPerSecond };
}

it('tells the load in the unit of the limit', () => {
  expect(loadWords(link(1_537_500, 2_500_000))).toBe('12.3 of 20.0 Mbit/s');
  expect(loadWords(link(1_250, 125_000_000))).toBe('0.00 of 1.00 Gbit/s');
  expect(loadWords(link(0, 250_000))).toBe('0 of 2.00 Mbit/s');
});

it('says in words that nothing limits a link, that it is closed, and that nothing moves', () => {
  expect(loadWords(link(0, null))).toBe('idle, no limit');
  expect(loadWords(link(1_537_500, null))).toBe('12.3 Mbit/s, no limit');
  expect(loadWords(link(0, 0))).toBe('closed now');
  expect(loadWords(link(1_250, 0))).toBe('10.0 kbit/s, closed now');
  expect([limitWords(null), limitWords(0), limitWords(64_000)]).toEqual(['Unlimited', 'Closed now', '512 kbit/s']);
});

it('rounds to three digits and never to 1000 of a unit', () => {
  expect([1, 124, 125, 124_990, 124_999_999].map(bitRateWords)).toEqual([
    '8 bit/s',
    '992 bit/s',
    '1.00 kbit/s',
    '1.00 Mbit/s',
    '1.00 Gbit/s',
  ]);
});

it('tells the share only where there is a limit', () => {
  expect([link(500, 1000), link(500, null), link(0, 0)].map(shareWords)).toEqual(['50 %', '–', '–']);
});
