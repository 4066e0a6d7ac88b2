import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localTimeMs, localWallTimeMs } from '../../shared/base/local-time.ts';
import { utcMinuteOfWeek } from '../../shared/base/week-time.ts';
import { holds } from '../helpers/properties.ts';

const moment = fc.date({ min: new Date('1970-01-01T00:00Z'), max: new Date('2399-12-31T23:59Z'), noInvalidDate: true });

describe('local time', () => {
  test('of a text is what the calendar says', () => {
    holds(
      fc.property(moment, (date) => {
        const text = date.toISOString().slice(0, 16);
        expect(localTimeMs(text)).toBe(Date.parse(`${text}:00Z`));
      }),
    );
  });

  test('is found wherever the computer is', () => {
    holds(
      fc.property(moment, fc.integer({ min: -12 * 60, max: 14 * 60 }), (date, offsetMinutes) => {
        const localMs = date.getTime() + offsetMinutes * 60_000;
        const minute = utcMinuteOfWeek(localMs);
        expect(localWallTimeMs(date.getTime(), (minute + 10_080) % 10_080)).toBe(localMs);
      }),
    );
  });
});
