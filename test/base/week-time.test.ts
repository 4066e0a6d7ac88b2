import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coveredMinutes,
  isCovered,
  minuteSpansOf,
  minutesPerWeek,
  minutesUntilCovered,
  timeOfWeek,
  utcMinuteOfWeek,
  weekdays,
} from '../../shared/base/week-time.ts';
import { holds } from '../helpers/properties.ts';

const day = 1440;

describe('a span of the week', () => {
  it('begins with its first minute and ends before its last', () => {
    const spans = minuteSpansOf({ days: ['tue'], from: '08:30', to: '17:00' });
    const at = (hours: number, minutes: number): boolean => isCovered(spans, day + hours * 60 + minutes);
    expect([at(8, 29), at(8, 30), at(16, 59), at(17, 0)]).toEqual([false, true, true, false]);
    expect(isCovered(spans, 8 * 60 + 45)).toBe(false);
  });

  it('runs past midnight, and from Sunday into Monday', () => {
    const spans = minuteSpansOf({ days: ['sun'], from: '22:00', to: '06:00' });
    expect(isCovered(spans, 6 * day + 22 * 60)).toBe(true);
    expect(isCovered(spans, 0)).toBe(true);
    expect(isCovered(spans, 5 * 60 + 59)).toBe(true);
    expect(isCovered(spans, 6 * 60)).toBe(false);
  });

  it('lasts a whole day where it ends at the time at which it begins', () => {
    const spans = minuteSpansOf({ days: ['wed'], from: '12:00', to: '12:00' });
    expect(coveredMinutes(spans, 2 * day + 720)).toBe(day);
  });

  it('is told with its neighbours as one time, and a whole week as endless', () => {
    const spans = minuteSpansOf({ days: ['mon', 'tue'], from: '00:00', to: '00:00' });
    expect(coveredMinutes(spans, 0)).toBe(2 * day);
    expect(coveredMinutes(minuteSpansOf({ days: weekdays, from: '00:00', to: '00:00' }), 77)).toBe(Infinity);
  });

  it('agrees with counting minute by minute', () => {
    const time = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const span = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
      from: time,
      to: time,
    });
    holds(
      fc.property(fc.array(span, { maxLength: 3 }), fc.nat(minutesPerWeek - 1), (periods, minute) => {
        const spans = periods.flatMap(minuteSpansOf);
        const count = (from: number, wanted: boolean): number => {
          for (let passed = 0; passed < minutesPerWeek; passed++) {
            if (isCovered(spans, (from + passed) % minutesPerWeek) === wanted) return passed;
          }
          return Infinity;
        };
        expect(coveredMinutes(spans, minute)).toBe(count(minute, false));
        expect(minutesUntilCovered(spans, minute)).toBe(count(minute, true));
      }),
      60,
    );
  });
});

describe('the minute of the week', () => {
  it('is that of a calendar', () => {
    expect(utcMinuteOfWeek(Date.parse('2026-01-05T00:00:00Z'))).toBe(0);
    expect(utcMinuteOfWeek(Date.parse('2026-01-04T23:59:59Z'))).toBe(minutesPerWeek - 1);
    expect(utcMinuteOfWeek(Date.parse('2024-02-29T13:37:00Z'))).toBe(3 * day + 13 * 60 + 37);
  });

  it('is told in words', () => {
    expect(timeOfWeek(0)).toBe('00:00 on Monday');
    expect(timeOfWeek(4 * day + 7 * 60 + 5)).toBe('07:05 on Friday');
  });
});
