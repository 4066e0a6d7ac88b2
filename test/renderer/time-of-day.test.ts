import { expect, it } from 'vitest';
import { timeOfDay } from '../../renderer/features/settings/time-of-day.ts';

it('reads a time of day as people type it', () => {
  const read = ['8', '8:30', '08:30', '0830', '830', '8.30', '8h30', ' 23:59 '].map(timeOfDay);
  expect(read).toEqual(['08:00', '08:30', '08:30', '08:30', '08:30', '08:30', '08:30', '23:59']);
});

it('reads 24:00 as midnight', () => {
  expect(timeOfDay('24:00')).toBe('00:00');
  expect(timeOfDay('24')).toBe('00:00');
});

it('leaves what is no time as it is, for the contract to refuse', () => {
  expect(['', '25:00', '8:60', '8 pm', '24:30', '12345'].map(timeOfDay)).toEqual([
    '',
    '25:00',
    '8:60',
    '8 pm',
    '24:30',
    '12345',
  ]);
});
