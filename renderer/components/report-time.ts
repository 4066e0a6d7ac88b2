import type { ReportBucket, TrafficReport } from '../../shared/contracts/reports-api.ts';
import type { TrafficBytes } from '../../shared/contracts/statistics.ts';

/** How the times of reports are said: days and months are those of UTC, minutes and hours are shown by the clock here. */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const bucketMs = { minute: 60_000, hour: hourMs, day: dayMs } as const;

/** Bytes of one bucket, those without traffic included. */
export interface BytePoint {
  /** The beginning. */
  readonly atMs: number;
  readonly directBytes: number;
  readonly peerBytes: number;
}

export function directBytesOf(bytes: TrafficBytes): number {
  return bytes.notificationServerBytes + bytes.ownPackageServerBytes + bytes.foreignPackageServerBytes;
}

/** Every bucket of the time: reports leave out those without bytes, which a chart must not. */
export function pointsOfReport({ bucket, fromMs, toMs, groups }: TrafficReport): BytePoint[] {
  const sums = new Map<number, BytePoint>();
  for (const { points } of groups) {
    for (const point of points) {
      const known = sums.get(point.atMs);
      sums.set(point.atMs, {
        atMs: point.atMs,
        directBytes: (known?.directBytes ?? 0) + directBytesOf(point),
        peerBytes: (known?.peerBytes ?? 0) + point.peerBytes,
      });
    }
  }
  return bucketStarts(bucket, fromMs, toMs).map((atMs) => sums.get(atMs) ?? { atMs, directBytes: 0, peerBytes: 0 });
}

function bucketStarts(bucket: ReportBucket, fromMs: number, toMs: number): number[] {
  const starts: number[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    starts.push(atMs);
    const at = new Date(atMs);
    atMs = bucket === 'month' ? Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1) : atMs + bucketMs[bucket];
  }
  return starts;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const fullDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Below an axis, and short. */
export function bucketTick(bucket: ReportBucket, atMs: number): string {
  if (bucket === 'month') return month.format(atMs);
  return bucket === 'day' ? day.format(atMs) : clock.format(atMs);
}

/** The whole name of a bucket: `21 Nov 2026, 17:00`, `21 Nov 2026 (UTC)`, `Nov 2026 (UTC)`. */
export function bucketWords(bucket: ReportBucket, atMs: number): string {
  if (bucket === 'month') return `${month.format(atMs)} (UTC)`;
  return bucket === 'day' ? `${fullDay.format(atMs)} (UTC)` : dayAndClock.format(atMs);
}

/** `21 Nov 2026, 17:00 to 22 Nov 2026, 18:00`; whole days by UTC without their hours, the last one included. */
export function rangeWords(fromMs: number, toMs: number, bucket: ReportBucket = 'hour'): string {
  if (bucket === 'day' || bucket === 'month') {
    const [first, last] = [fullDay.format(fromMs), fullDay.format(toMs - 1)];
    return first === last ? `${first} (UTC)` : `${first} to ${last} (days of UTC)`;
  }
  return `${dayAndClock.format(fromMs)} to ${dayAndClock.format(toMs)}`;
}

export const bucketNouns: Readonly<Record<ReportBucket, string>> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  month: 'month',
};
