import { describe, expect, test } from 'vitest';
import { ScheduledLink } from '../../shared/server/site-schedule.ts';

const site = {
  wanKilobitsPerSecond: 1000,
  wanOutKilobitsPerSecond: 0,
  acquisitionSchedule: 'mon-fri 08-18 33%; sat 4000kbit/s; sun closed; mon 00-02 closed',
  distributionSchedule: '08-18 512kbit/s',
};
const minute = (day: number, hour: number, minutes = 0): number => (day * 24 + hour) * 60 + minutes;

describe('a link with a schedule', () => {
  test('lets through its share, never more than the link, and nothing while it is closed', () => {
    const link = new ScheduledLink(site, 'acquisition');
    const rates = [minute(0, 7, 59), minute(0, 8), minute(4, 17, 59), minute(4, 18), minute(5, 12), minute(6, 12)];
    expect(rates.map((at) => link.bytesPerSecondAt(at))).toEqual([125_000, 41_250, 41_250, 125_000, 125_000, 0]);
    expect(link.hasSchedule).toBe(true);
  });

  test('has the hours of its direction', () => {
    const link = new ScheduledLink(site, 'distribution');
    expect([minute(0, 7), minute(0, 8)].map((at) => link.bytesPerSecondAt(at))).toEqual([
      Number.POSITIVE_INFINITY,
      64_000,
    ]);
    const none = new ScheduledLink({ ...site, distributionSchedule: '' }, 'distribution');
    expect([none.hasSchedule, none.bytesPerSecondAt(0)]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  test('tells when it opens, over the end of the week too', () => {
    const link = new ScheduledLink(site, 'acquisition');
    expect(
      [minute(5, 23), minute(6, 0), minute(6, 23, 30), minute(0, 1, 59)].map((at) => link.minutesUntilOpen(at)),
    ).toEqual([0, 26 * 60, 150, 1]);
    const never = new ScheduledLink({ ...site, acquisitionSchedule: 'closed' }, 'acquisition');
    expect(never.minutesUntilOpen(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
