import type { Weekday } from '../../../shared/base/week-time.ts';
import { utcMinuteOfWeek, weekdays } from '../../../shared/base/week-time.ts';

/** Making one costs a hundred times as much as using it, and there are some 400 zones at most. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** An IANA name that this computer knows, such as `Europe/Berlin`; offsets such as `+01:00` know no summer time and are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Minutes since Monday 00:00 by the clocks there, summer time included. A zone that is not known any more counts as UTC. */
export function minuteOfWeekIn(timeZone: string, wallTimeMs: number): number {
  if (timeZone === 'UTC' || !isTimeZone(timeZone)) return utcMinuteOfWeek(wallTimeMs);
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(wallTimeMs)
      .map(({ type, value }) => [type, value]),
  );
  const day = weekdays.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday);
  return (day * 24 + Number(parts.get('hour'))) * 60 + Number(parts.get('minute'));
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
