import { describe, expect, test } from 'vitest';
import type { StoredSite } from '../../electron/database/stores/site-store.ts';
import { isTimeZone, minuteOfWeekIn } from '../../electron/notification-server/sites/zone-clock.ts';
import { SiteLimits } from '../../electron/notification-server/traffic/site-limits.ts';
import { timeOfWeek } from '../../shared/base/week-time.ts';

const at = (iso: string): number => Date.parse(iso);
const clockIn = (zone: string, iso: string): string => timeOfWeek(minuteOfWeekIn(zone, at(iso)));

describe('the clock of a time zone', () => {
  test.each([
    ['UTC', '2026-07-06T00:00:00Z', '00:00 on Monday'],
    ['Europe/Berlin', '2026-07-05T22:00:00Z', '00:00 on Monday'],
    ['America/New_York', '2026-07-06T03:59:59Z', '23:59 on Sunday'],
    ['Asia/Kolkata', '2026-07-06T00:00:00Z', '05:30 on Monday'],
    ['Asia/Kathmandu', '2026-07-06T00:00:00Z', '05:45 on Monday'],
    ['Pacific/Kiritimati', '2026-07-05T12:00:00Z', '02:00 on Monday'],
  ])('in %s at %s shows %s', (zone, iso, shown) => {
    expect(clockIn(zone, iso)).toBe(shown);
  });

  test('leaves an hour out when summer time begins, and has one twice when it ends', () => {
    expect(clockIn('Europe/Berlin', '2026-03-29T00:59:00Z')).toBe('01:59 on Sunday');
    expect(clockIn('Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('03:00 on Sunday');
    expect(clockIn('Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('02:30 on Sunday');
    expect(clockIn('Europe/Berlin', '2026-10-25T01:30:00Z')).toBe('02:30 on Sunday');
  });

  test('moves by half an hour where the law says so', () => {
    expect(clockIn('Australia/Lord_Howe', '2026-04-04T14:59:00Z')).toBe('01:59 on Sunday');
    expect(clockIn('Australia/Lord_Howe', '2026-04-04T15:00:00Z')).toBe('01:30 on Sunday');
  });

  test('is known by names of places only', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['Mars/Olympus', '+01:00', '', 'Europe/Berlin; DROP', '../etc'].map(isTimeZone)).toEqual(
      new Array(5).fill(false),
    );
  });
});

const berlin: StoredSite = {
  id: 's',
  name: 'S',
  parentId: null,
  subnets: [],
  wanKilobitsPerSecond: 8000,
  wanOutKilobitsPerSecond: 0,
  acquisitionSchedule: '',
  distributionSchedule: '',
  timeZone: 'Europe/Berlin',
  locationType: 'office',
  sharesLan: false,
  version: 1,
  updatedAtMs: 0,
  updatedBy: '',
};

/** Limits at a time that the test sets; whoever waits is called when it comes. */
function limitsAt(iso: string) {
  let nowMs = at(iso);
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const clock = {
    nowMs: () => nowMs,
    schedule: (delayMs: number, run: () => void) => {
      const timer = { atMs: nowMs + Math.ceil(delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const limits = new SiteLimits(() => nowMs, clock);
  return {
    limits,
    get timers() {
      return timers.length;
    },
    goTo(later: string): void {
      const endMs = at(later);
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = endMs;
    },
    /** Bytes that pass within the next second, asked for in slices; whoever waits then gives up. */
    passing(): number {
      const endMs = nowMs + 1000;
      const pacer = limits.pacerOf('s');
      let passed = 0;
      let giveUp: () => void = () => undefined;
      const askOn = (): void => {
        const bytes = pacer.sliceBytes;
        giveUp = pacer.ask(bytes, () => {
          passed += bytes;
          if (passed < 100_000_000) askOn();
        });
      };
      askOn();
      this.goTo(new Date(endMs).toISOString());
      giveUp();
      return passed;
    },
  };
}

/** A burst more at the beginning, a slice less at the end. */
function expectAbout(bytes: number, wanted: number): void {
  expect(bytes / wanted).toBeGreaterThan(0.85);
  expect(bytes / wanted).toBeLessThan(1.15);
}

describe('the limit of a site', () => {
  test('follows its schedule at the hour of the clocks there, across the beginning of summer time', () => {
    const place = limitsAt('2026-03-28T06:59:00Z');
    place.limits.setSites([{ ...berlin, acquisitionSchedule: '08-18 25%' }]);
    expectAbout(place.passing(), 1_000_000);
    place.goTo('2026-03-28T07:00:00Z');
    expectAbout(place.passing(), 250_000);
    place.goTo('2026-03-28T17:00:00Z');
    expectAbout(place.passing(), 1_000_000);
    place.goTo('2026-03-29T05:59:30Z');
    expectAbout(place.passing(), 1_000_000);
    place.goTo('2026-03-29T06:00:00Z');
    expectAbout(place.passing(), 250_000);
  });

  test('is there twice in the hour that comes twice', () => {
    const place = limitsAt('2026-10-24T23:30:00Z');
    place.limits.setSites([{ ...berlin, acquisitionSchedule: 'sun 02-03 800kbit/s' }]);
    const hours = ['2026-10-24T23:59:00Z', '2026-10-25T00:10:00Z', '2026-10-25T01:10:00Z', '2026-10-25T02:00:00Z'];
    const passed = hours.map((iso) => {
      place.goTo(iso);
      return Math.round(place.passing() / 100_000);
    });
    expect(passed).toEqual([10, 1, 1, 10]);
  });

  test('turns to the rules of a changed site at once, and needs no clock without a schedule', () => {
    const place = limitsAt('2026-07-06T10:00:00Z');
    place.limits.setSites([{ ...berlin, acquisitionSchedule: '10%' }]);
    expectAbout(place.passing(), 100_000);
    expect(place.timers).toBe(1);
    place.limits.setSites([berlin]);
    expectAbout(place.passing(), 1_000_000);
    expect(place.timers).toBe(0);
    place.limits.setSites([{ ...berlin, acquisitionSchedule: '10%', timeZone: 'Mars/Olympus' }]);
    place.limits.stop();
    expect(place.timers).toBe(0);
  });

  test('when it closes, lets end what is under way and says when to come again', () => {
    const place = limitsAt('2026-07-03T21:30:00Z');
    place.limits.setSites([{ ...berlin, acquisitionSchedule: 'sat closed' }]);
    expect(place.limits.askedFor('s')).toBe(0);
    place.goTo('2026-07-03T22:00:00Z');
    expectAbout(place.passing(), 1_000_000);
    expect(place.limits.askedFor('s')).toBe(3600);
    place.goTo('2026-07-04T21:45:00Z');
    expect(place.limits.askedFor('s')).toBe(15 * 60);
    place.goTo('2026-07-04T22:00:00Z');
    expect(place.limits.askedFor('s')).toBe(0);
    expect([place.limits.askedFor(null), place.limits.askedFor('other')]).toEqual([0, 0]);
  });

  test('is shared with those who send into the site as well, and is whole again without them', () => {
    const place = limitsAt('2026-07-06T09:59:50Z');
    place.limits.setSites([{ ...berlin, acquisitionSchedule: '12-13 10%' }]);
    expect(place.limits.wasUsedWithin('s', 2000)).toBe(false);
    place.limits.setShare('s', 400_000);
    expectAbout(place.passing(), 400_000);
    expect(place.limits.wasUsedWithin('s', 2000)).toBe(true);
    // It is 12 o'clock there: the smaller of both holds before another share is told.
    place.goTo('2026-07-06T10:00:00Z');
    expectAbout(place.passing(), 100_000);
    place.goTo('2026-07-06T11:00:00Z');
    place.limits.setShare('s', 0);
    expect(place.limits.askedFor('s')).toBe(3);
    expect(place.limits.wasUsedWithin('s', 2000)).toBe(true);
    place.limits.setShared(new Set());
    expect(place.limits.askedFor('s')).toBe(0);
    expectAbout(place.passing(), 1_000_000);
    place.limits.stop();
  });

  test('is gone with the site', () => {
    const place = limitsAt('2026-07-06T10:00:00Z');
    place.limits.setSites([{ ...berlin, wanKilobitsPerSecond: 8 }]);
    const before = place.limits.pacerOf('s');
    place.limits.setSites([]);
    expect(before.isUnlimited).toBe(true);
    expect(place.limits.pacerOf('s').isUnlimited).toBe(true);
  });
});
