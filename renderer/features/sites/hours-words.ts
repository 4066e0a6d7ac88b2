import type { ScheduleCell } from '../../../shared/base/bandwidth-schedule.ts';
import { formatSchedule, parseSchedule } from '../../../shared/base/bandwidth-schedule.ts';
import { dayNames, type Weekday, weekdays } from '../../../shared/base/week-time.ts';
import { formatCount } from '../../components/format.ts';

const hoursPerDay = 24;

/** Of a WAN link in 1,000 bit/s; 0 = unlimited. */
export function linkWords(kilobitsPerSecond: number): string {
  return kilobitsPerSecond === 0 ? 'Unlimited' : `${formatCount(kilobitsPerSecond)} kbit/s`;
}

export function hoursWords(schedule: string): string {
  return schedule === '' ? 'Always the whole link' : schedule;
}

/** What holds in an hour, with what a percentage is of this link. */
export function cellWords(cell: ScheduleCell, linkKilobitsPerSecond: number): string {
  if (cell.kind === 'closed') return 'Closed';
  if (cell.kind === 'rate') return `${formatCount(cell.kilobitsPerSecond)} kbit/s`;
  if (cell.percent === 100) return 'Whole link';
  const rate = Math.floor((linkKilobitsPerSecond * cell.percent) / 100);
  return linkKilobitsPerSecond === 0 ? `${cell.percent} %` : `${cell.percent} %, ${formatCount(rate)} kbit/s`;
}

/** The same in the width of an hour; nothing where the whole link may be used. */
export function cellMark(cell: ScheduleCell): string {
  if (cell.kind === 'closed') return '×';
  if (cell.kind === 'percent') return cell.percent === 100 ? '' : String(cell.percent);
  const { kilobitsPerSecond } = cell;
  if (kilobitsPerSecond < 1000) return `${kilobitsPerSecond}k`;
  const megabits = kilobitsPerSecond / 1000;
  if (megabits < 1000) return `${megabits < 10 ? Number(megabits.toFixed(1)) : Math.round(megabits)}M`;
  return `${Math.round(megabits / 1000)}G`;
}

/** How much of the link an hour leaves, 0 … 100. */
export function cellShare(cell: ScheduleCell, linkKilobitsPerSecond: number): number {
  if (cell.kind === 'closed') return 0;
  if (cell.kind === 'percent') return cell.percent;
  if (linkKilobitsPerSecond === 0) return 50;
  return Math.min(100, Math.round((100 * cell.kilobitsPerSecond) / linkKilobitsPerSecond));
}

/** `Monday 08:00–09:00` of an index in the week. */
export function hourWords(index: number): string {
  const day = weekdays[Math.floor(index / hoursPerDay)] ?? 'mon';
  const hour = index % hoursPerDay;
  return `${dayNames[day]} ${twoDigits(hour)}:00–${twoDigits(hour + 1)}:00`;
}

export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** The cells of the rectangle between two hours, which are its opposite corners. */
export function rectangle(from: number, to: number): ReadonlySet<number> {
  const [firstDay, lastDay] = ordered(Math.floor(from / hoursPerDay), Math.floor(to / hoursPerDay));
  const [firstHour, lastHour] = ordered(from % hoursPerDay, to % hoursPerDay);
  const cells = new Set<number>();
  for (let day = firstDay; day <= lastDay; day++) {
    for (let hour = firstHour; hour <= lastHour; hour++) cells.add(day * hoursPerDay + hour);
  }
  return cells;
}

/** The rules after painting; what they were before where those are no rules. */
export function painted(schedule: string, hours: ReadonlySet<number>, cell: ScheduleCell): string {
  const parsed = parseSchedule(schedule);
  if (!parsed.ok) return schedule;
  return formatSchedule(parsed.value.map((before, index) => (hours.has(index) ? cell : before)));
}

/** Rules of the same meaning have the same text. */
export function canonicalHours(schedule: string): string {
  const parsed = parseSchedule(schedule);
  return parsed.ok ? formatSchedule(parsed.value) : schedule;
}

/** The hour of the week that the clocks of a place show; null where this browser does not know the zone. */
export function hourOfWeekIn(timeZone: string, nowMs: number): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
    const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    const day = weekdays.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday);
    return day * hoursPerDay + Number(parts.get('hour'));
  } catch {
    return null; // a browser may know fewer zones than the server
  }
}

function ordered(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}
