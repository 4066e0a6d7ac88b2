import { beforeEach, describe, expect, it } from 'vitest';
import { effectiveSettingsOf } from '../../shared/agent/effective-settings.ts';
import { PolicyCalendar } from '../../shared/agent/policy-calendar.ts';
import { Timers } from '../../shared/agent/timers.ts';
import type { ClockPort } from '../../shared/base/clock.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { agentSettingsSchema, defaultAgentSettings } from '../../shared/contracts/settings.ts';

const minuteMs = 60_000;
const everyDay = [...weekdays];

/** A clock in a hand: monotonic time passes, wall and local time may be set at will. */
class HandClock implements ClockPort {
  monotonicMs = 0;
  /** Monday, 5 January 2026, 00:00:20.5 UTC: not at the beginning of a minute. */
  wallOffsetMs = Date.parse('2026-01-05T00:00:20.500Z');
  zoneMinutes = 0;
  #timers = new Map<number, number>();
  fire: (timerId: number) => void = () => undefined;

  nowMs(): number {
    return this.monotonicMs;
  }

  wallTimeMs(): number {
    return this.wallOffsetMs + this.monotonicMs;
  }

  localMinuteOfWeek(): number {
    const minutes = Math.floor((this.wallTimeMs() - Date.parse('2026-01-05T00:00:00Z')) / minuteMs) + this.zoneMinutes;
    return ((minutes % 10_080) + 10_080) % 10_080;
  }

  setTimer(timerId: number, delayMs: number): void {
    this.#timers.set(timerId, this.monotonicMs + delayMs);
  }

  cancelTimer(timerId: number): void {
    this.#timers.delete(timerId);
  }

  get hasTimers(): boolean {
    return this.#timers.size > 0;
  }

  /** Lets timers fire in their order until that moment of the monotonic clock. */
  runTo(untilMs: number): void {
    for (;;) {
      const next = [...this.#timers].sort(([, a], [, b]) => a - b)[0];
      if (next === undefined || next[1] > untilMs) break;
      this.#timers.delete(next[0]);
      this.monotonicMs = Math.max(this.monotonicMs, next[1]);
      this.fire(next[0]);
    }
    this.monotonicMs = untilMs;
  }
}

describe('the calendar of a policy', () => {
  let clock: HandClock;
  let changes: string[];

  beforeEach(() => {
    clock = new HandClock();
    changes = [];
  });

  function calendarWith(settings: Partial<AgentSettings>, seed = 1): PolicyCalendar {
    const timers = new Timers(clock);
    clock.fire = (timerId) => timers.fire(timerId);
    const none = effectiveSettingsOf(defaultAgentSettings, 1);
    const calendar: PolicyCalendar = new PolicyCalendar(clock, new Xoshiro128(seed), timers, none, {
      changed: () =>
        changes.push(`${clock.monotonicMs / 1000} s: ${calendar.blockout}, ${calendar.throttle.bytesPerSecond}`),
    });
    calendar.configure(effectiveSettingsOf({ ...defaultAgentSettings, restartSpread: 0, ...settings }, 1));
    return calendar;
  }

  const throttled = (from: string, to: string, kilobytesPerSecond: number) => ({
    days: everyDay,
    from,
    to,
    kilobytesPerSecond,
  });
  const blockout = (kind: 'downloads' | 'total', from: string, to: string) => ({ days: everyDay, from, to, kind });

  it('changes the rate at the first moment of a minute, and takes the lowest of several', () => {
    calendarWith({ throttlingPeriods: [throttled('00:02', '00:05', 500), throttled('00:03', '00:04', 100)] });
    clock.runTo(6 * minuteMs);
    expect(changes).toEqual([
      '99.5 s: none, 500000',
      '159.5 s: none, 100000',
      '219.5 s: none, 500000',
      '279.5 s: none, Infinity',
    ]);
  });

  it('looks at no clock where the policy has no periods', () => {
    calendarWith({});
    expect(clock.hasTimers).toBe(false);
  });

  it('follows a clock that is set, forwards and back, within a minute', () => {
    const calendar = calendarWith({ blockouts: [blockout('downloads', '03:00', '04:00')] });
    expect(calendar.blockout).toBe('none');
    // As a clock that is put forward for the summer: from 00:01 to 03:01 at once.
    clock.zoneMinutes = 180;
    clock.runTo(minuteMs);
    expect(calendar.blockout).toBe('downloads');
    clock.zoneMinutes = 0;
    clock.runTo(2 * minuteMs);
    expect(calendar.blockout).toBe('none');
    clock.wallOffsetMs += 3 * 60 * minuteMs + 30 * minuteMs;
    clock.runTo(3 * minuteMs);
    expect(calendar.blockout).toBe('downloads');
    expect(calendar.blockoutSentence).toContain('ends at 04:00 on Monday');
  });

  it('follows UTC where the policy says so', () => {
    clock.zoneMinutes = 180;
    const blockouts = [blockout('downloads', '03:00', '04:00')];
    expect(calendarWith({ blockouts }).blockout).toBe('downloads');
    const byUtc = calendarWith({ blockouts, periodClock: 'utc' });
    expect(byUtc.blockout).toBe('none');
    clock.wallOffsetMs += 180 * minuteMs;
    clock.runTo(minuteMs);
    expect(byUtc.blockoutSentence).toContain('ends at 04:00 on Monday UTC');
  });

  it('takes the stricter of two blockouts, and tells the end of both together', () => {
    const calendar = calendarWith({
      blockouts: [blockout('downloads', '00:00', '00:10'), blockout('total', '00:02', '00:04')],
    });
    clock.runTo(2 * minuteMs);
    expect(calendar.isSilent).toBe(true);
    clock.runTo(4 * minuteMs);
    expect([calendar.blockout, calendar.isSilent]).toEqual(['downloads', false]);
    expect(calendar.blockoutSentence).toContain('ends at 00:10');
  });

  it('ends a blockout for each agent at another moment within the restart spread', () => {
    const ends = Array.from({ length: 40 }, (_, seed) => {
      clock = new HandClock();
      const calendar = calendarWith({ restartSpread: 20, blockouts: [blockout('total', '00:01', '00:02')] }, seed);
      clock.runTo(99_000);
      expect(calendar.isSilent).toBe(true);
      while (calendar.isSilent) clock.runTo(clock.monotonicMs + 1000);
      return (clock.wallTimeMs() - Date.parse('2026-01-05T00:02:00Z')) / minuteMs;
    });
    expect(Math.max(...ends)).toBeLessThanOrEqual(20.1);
    expect(Math.max(...ends)).toBeGreaterThan(15);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...ends)).toBeLessThan(5);
  });

  it('comes to word between two total blockouts, however long the spread', () => {
    for (let seed = 0; seed < 30; seed++) {
      clock = new HandClock();
      const calendar = calendarWith(
        { restartSpread: 60, blockouts: [blockout('total', '00:01', '00:10'), blockout('total', '00:14', '00:00')] },
        seed,
      );
      clock.runTo(13 * minuteMs);
      expect(calendar.isSilent).toBe(false);
    }
  });

  it('is over at once where another policy allows what the old one forbade', () => {
    const calendar = calendarWith({ restartSpread: 60, blockouts: [blockout('downloads', '00:00', '01:00')] });
    expect(calendar.blockout).toBe('downloads');
    calendar.configure(effectiveSettingsOf(defaultAgentSettings, 1));
    expect(calendar.blockout).toBe('none');
    expect(clock.hasTimers).toBe(false);
  });

  it('knows when the next blockout comes, for emergencies too', () => {
    const calendar = calendarWith({
      blockouts: [blockout('downloads', '00:02', '00:03'), blockout('total', '00:05', '00:06')],
    });
    expect(calendar.nextBlockoutMs(false)).toBe(99_500);
    expect(calendar.nextBlockoutMs(true)).toBe(279_500);
    clock.runTo(130_000);
    expect(calendar.nextBlockoutMs(false)).toBeLessThanOrEqual(130_000);
  });
});

describe('a policy without a minute of communication', () => {
  it('is refused, because no change of it would ever arrive', () => {
    const settingsWith = (kind: 'downloads' | 'total', to: string) => ({
      ...defaultAgentSettings,
      blockouts: [{ days: everyDay, from: '00:00', to, kind }],
    });
    expect(agentSettingsSchema.safeParse(settingsWith('total', '23:00')).success).toBe(true);
    expect(agentSettingsSchema.safeParse(settingsWith('downloads', '00:00')).success).toBe(true);
    const refused = agentSettingsSchema.safeParse(settingsWith('total', '00:00'));
    expect(refused.error?.issues.map(({ path }) => path)).toEqual([['blockouts']]);
  });
});
