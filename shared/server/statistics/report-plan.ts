import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { ReportBucket, ReportGrouping } from '../../contracts/reports-api.ts';
import { startOfMonthMs, startOfNextMonthMs } from './calendar.ts';
import { agentDaysKeptMs, hoursKeptMs } from './retention.ts';
import { dayMs, hourMs, minuteMs, oldestMinuteMs, startOf } from './traffic-cells.ts';

export type ReportFilter = 'siteId' | 'subnet' | 'key' | 'policyId' | 'agentId';

/** What somebody asks for; null = not said. */
export interface ReportRequest {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly bucket: ReportBucket | null;
  readonly groupBy: ReportGrouping;
  readonly filters: readonly ReportFilter[];
}

export type TotalTableName = 'days' | 'agent-days' | 'months';

/** `facts`: by site, subnet, package and policy. `totals`: of one dimension. */
export type ReportSource =
  | { readonly kind: 'facts'; readonly table: 'minutes' | 'hours' }
  | { readonly kind: 'totals'; readonly table: TotalTableName; readonly dimension: ReportGrouping };

export interface ReportRange {
  /** The beginning of a bucket. */
  readonly fromMs: number;
  /** The end of one. */
  readonly toMs: number;
}

export interface ReportPlan extends ReportRange {
  readonly bucket: ReportBucket;
  readonly source: ReportSource;
  /** What one query reads, so that it takes some 10 ms. */
  readonly sliceMs: number;
}

export interface ReportProblem {
  readonly field: string;
  readonly message: string;
}

/** What is told where nobody says since when. */
const defaultRangeMs = { minute: 3 * hourMs, hour: dayMs, day: 6 * dayMs, month: 180 * dayMs } as const;
const longestMinutesMs = dayMs + hourMs;
export const longestHoursMs = 31 * dayMs;
export const longestDaysMs = hoursKeptMs + dayMs;
const longestGroupedMinutesMs = 12 * hourMs;
/** Reading all that was kept of a year, hour by hour, would hold up whoever asks. */
export const longestBroadMs = 62 * dayMs;
export const broadMessage =
  'Over all packages and places this report is made for at most 62 days. Name a package, a site or a subnet.';
const longestAgentDaysMs = 7 * dayMs;
/** PostgreSQL reads the whole table for each slice: they are few. */
const totalsSliceMs = 92 * dayMs;
const longestAgentMonthsMs = 184 * dayMs;

const groupingOfFilter: Readonly<Record<ReportFilter, ReportGrouping>> = {
  siteId: 'site',
  subnet: 'subnet',
  key: 'package',
  policyId: 'policy',
  agentId: 'agent',
};

/** From where a report over time is read, or which field of what was asked for cannot be. */
export function planReport(request: ReportRequest, nowMs: number): Result<ReportPlan, ReportProblem> {
  const asked = rangeOf(request, nowMs, request.bucket ?? 'hour');
  if (!asked.ok) return asked;
  const range = asked.value;
  const dimensions = new Set<ReportGrouping>(request.filters.map((filter) => groupingOfFilter[filter]));
  if (request.groupBy !== 'all') dimensions.add(request.groupBy);
  if (dimensions.has('agent')) return planOfAgents(request, dimensions, range, nowMs);
  const bucket = request.bucket ?? bucketFor(range, nowMs);
  const aligned = alignedTo(bucket, range);
  const lengthMs = aligned.toMs - aligned.fromMs;
  if (bucket === 'minute') {
    if (aligned.fromMs < oldestMinuteMs(nowMs) || lengthMs > longestMinutesMs) {
      return err({ field: 'bucket', message: 'Minutes are kept for 24 hours. Ask for hours instead.' });
    }
    if (request.groupBy !== 'all' && request.filters.length === 0 && lengthMs > longestGroupedMinutesMs) {
      return err({ field: 'fromMs', message: 'Minutes of groups are given for at most 12 hours.' });
    }
    // A group's rows are told apart, which costs more than the rows.
    const sliceMs = request.groupBy === 'all' ? 4 * hourMs : hourMs;
    return ok({ ...aligned, bucket, source: { kind: 'facts', table: 'minutes' }, sliceMs });
  }
  if (bucket === 'hour') {
    if (lengthMs > longestHoursMs) {
      return err({ field: 'bucket', message: 'Hours are given for at most 31 days. Ask for days, or a shorter time.' });
    }
    return ok({ ...aligned, bucket, source: { kind: 'facts', table: 'hours' }, sliceMs: 3 * dayMs });
  }
  if (dimensions.size > 1) {
    if (!isNarrow(request.filters) && lengthMs > longestBroadMs) return err({ field: 'fromMs', message: broadMessage });
    return ok({ ...aligned, bucket, source: { kind: 'facts', table: 'hours' }, sliceMs: longestHoursMs });
  }
  const [dimension = 'all'] = dimensions;
  const table = bucket === 'month' ? 'months' : 'days';
  return ok({ ...aligned, bucket, source: { kind: 'totals', table, dimension }, sliceMs: totalsSliceMs });
}

/** Little is read then, of whatever time. */
function isNarrow(filters: readonly ReportFilter[]): boolean {
  return filters.some((filter) => filter === 'siteId' || filter === 'subnet' || filter === 'key');
}

/** Agents are many: a sum for each day of five weeks and each month of a year is kept, of agents alone. */
function planOfAgents(
  { bucket: asked, filters }: ReportRequest,
  dimensions: ReadonlySet<ReportGrouping>,
  range: ReportRange,
  nowMs: number,
): Result<ReportPlan, ReportProblem> {
  if (dimensions.size > 1) {
    const field = filters.find((filter) => filter !== 'agentId') ?? 'groupBy';
    return err({ field, message: 'What agents took is kept as a whole: no other filter or group goes with agents.' });
  }
  const isOne = filters.length > 0;
  const longestMs = isOne ? agentDaysKeptMs : longestAgentDaysMs;
  const days = alignedTo('day', range);
  const fitsDays =
    days.toMs - days.fromMs <= longestMs + dayMs && days.fromMs >= startOf(nowMs - agentDaysKeptMs, dayMs);
  const bucket = asked ?? (fitsDays ? 'day' : 'month');
  if (bucket === 'minute' || bucket === 'hour') {
    return err({ field: 'bucket', message: 'What single agents took is kept by day and month.' });
  }
  if (bucket === 'day' && !fitsDays) {
    const most = isOne ? 'the last 35 days' : '7 of the last 35 days';
    return err({ field: 'bucket', message: `Days of agents are given for ${most}. Ask for months instead.` });
  }
  if (bucket === 'month' && !isOne && range.toMs - range.fromMs > longestAgentMonthsMs) {
    return err({
      field: 'fromMs',
      message: 'All agents are compared over at most 184 days. Name one, or a shorter time.',
    });
  }
  const table = bucket === 'day' ? 'agent-days' : 'months';
  const sliceMs = isOne ? longestDaysMs : bucket === 'day' ? dayMs : longestHoursMs;
  return ok({ ...alignedTo(bucket, range), bucket, source: { kind: 'totals', table, dimension: 'agent' }, sliceMs });
}

export interface LongestRange {
  readonly lengthMs: number;
  readonly message: string;
}

/** Without a bucket of its own: the time itself, in whole hours, or in minutes where what is told is kept by them. */
export function planRange(
  request: Pick<ReportRequest, 'fromMs' | 'toMs'>,
  nowMs: number,
  longest: LongestRange,
  bucket: 'minute' | 'hour' = 'hour',
): Result<ReportRange, ReportProblem> {
  const asked = rangeOf(request, nowMs, 'hour');
  if (!asked.ok) return asked;
  const aligned = alignedTo(bucket, asked.value);
  if (aligned.toMs - aligned.fromMs > longest.lengthMs) return err({ field: 'fromMs', message: longest.message });
  return ok(aligned);
}

function rangeOf(
  { fromMs, toMs }: Pick<ReportRequest, 'fromMs' | 'toMs'>,
  nowMs: number,
  bucket: ReportBucket,
): Result<ReportRange, ReportProblem> {
  const end = toMs ?? nowMs;
  const begin = fromMs ?? Math.max(0, end - defaultRangeMs[bucket]);
  if (end > nowMs + dayMs) return err({ field: 'toMs', message: 'This time has not come yet.' });
  if (begin >= end) return err({ field: 'fromMs', message: 'The time has to begin before it ends.' });
  if (begin < nowMs - longestDaysMs) return err({ field: 'fromMs', message: 'Statistics are kept for 365 days.' });
  return ok({ fromMs: begin, toMs: end });
}

function bucketFor({ fromMs, toMs }: ReportRange, nowMs: number): ReportBucket {
  if (toMs - fromMs <= 3 * hourMs && fromMs >= oldestMinuteMs(nowMs)) return 'minute';
  return toMs - fromMs <= 7 * dayMs ? 'hour' : 'day';
}

const lengthOf = { minute: minuteMs, hour: hourMs, day: dayMs } as const;

function alignedTo(bucket: ReportBucket, { fromMs, toMs }: ReportRange): ReportRange {
  if (bucket === 'month') return { fromMs: startOfMonthMs(fromMs), toMs: startOfNextMonthMs(toMs - 1) };
  const lengthMs = lengthOf[bucket];
  return { fromMs: startOf(fromMs, lengthMs), toMs: startOf(toMs - 1, lengthMs) + lengthMs };
}

/** The bucket that a time belongs to. */
export function bucketStartMs(bucket: ReportBucket, atMs: number): number {
  return bucket === 'month' ? startOfMonthMs(atMs) : startOf(atMs, lengthOf[bucket]);
}

/** How many buckets a plan has, months as long as the shortest. */
export function bucketsOf({ bucket, fromMs, toMs }: Pick<ReportPlan, 'bucket' | 'fromMs' | 'toMs'>): number {
  const lengthMs = bucket === 'month' ? 28 * dayMs : lengthOf[bucket];
  return Math.ceil((toMs - fromMs) / lengthMs);
}

/** A part of a time, and the table that it is summed up from. */
export interface SumSlice extends ReportRange {
  readonly table: TotalTableName;
}

/** Where sums of days are read from: whole months have their own, which are a thirtieth of the rows. */
export function sumSlicesOf({ fromMs, toMs, sliceMs }: ReportPlan, table: TotalTableName): SumSlice[] {
  const partOf = (of: TotalTableName, from: number, to: number): SumSlice[] =>
    slicesOf({ fromMs: from, toMs: to, sliceMs }).map((slice) => ({ ...slice, table: of }));
  const firstMs = startOfNextMonthMs(fromMs - 1);
  const lastMs = startOfMonthMs(toMs);
  if (table !== 'days' || firstMs >= lastMs) return partOf(table, fromMs, toMs);
  return [...partOf('days', fromMs, firstMs), ...partOf('months', firstMs, lastMs), ...partOf('days', lastMs, toMs)];
}

/** Parts of a time that are read one after the other. */
export function slicesOf({ fromMs, toMs, sliceMs }: ReportRange & { readonly sliceMs: number }): ReportRange[] {
  const slices: ReportRange[] = [];
  for (let at = fromMs; at < toMs; at += sliceMs) slices.push({ fromMs: at, toMs: Math.min(toMs, at + sliceMs) });
  return slices;
}

/**
 * Second crossings that are excused: those that agents told with `no-holder-online`, as far as they are beyond one copy. The
 * first copy needs no excuse, whatever its reason.
 */
export function excusedBytes(wanBytes: number, noHolderBytes: number, sizeBytes: number): number {
  return Math.min(noHolderBytes, Math.max(0, wanBytes - sizeBytes));
}
