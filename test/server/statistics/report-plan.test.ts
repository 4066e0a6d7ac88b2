import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportBuckets, reportGroupings } from '../../../shared/contracts/reports-api.ts';
import { startOfMonthMs } from '../../../shared/server/statistics/calendar.ts';
import type { ReportRequest } from '../../../shared/server/statistics/report-plan.ts';
import {
  bucketStartMs,
  bucketsOf,
  excusedBytes,
  planRange,
  planReport,
  slicesOf,
  sumSlicesOf,
} from '../../../shared/server/statistics/report-plan.ts';
import { agentDaysKeptMs, statisticsCutoffs } from '../../../shared/server/statistics/retention.ts';
import { dayMs, hourMs, minuteMs } from '../../../shared/server/statistics/traffic-cells.ts';
import { holds } from '../../helpers/properties.ts';

const nowMs = 1_772_368_496_789;
const plain: ReportRequest = { fromMs: null, toMs: null, bucket: null, groupBy: 'all', filters: [] };

const requests: fc.Arbitrary<ReportRequest> = fc.record({
  fromMs: fc.option(fc.integer({ min: nowMs - 380 * dayMs, max: nowMs })),
  toMs: fc.option(fc.integer({ min: nowMs - 380 * dayMs, max: nowMs + dayMs })),
  bucket: fc.option(fc.constantFrom(...reportBuckets)),
  groupBy: fc.constantFrom(...reportGroupings),
  filters: fc.subarray(['siteId', 'subnet', 'key', 'policyId', 'agentId'] as const),
});

describe('a time without a bucket of its own', () => {
  const longest = { lengthMs: 2 * hourMs, message: 'too long' };
  const asked = { fromMs: nowMs - hourMs, toMs: null };

  test('is whole hours, or whole minutes, that contain it', () => {
    const startOf = (lengthMs: number) => (atMs: number) => atMs - (atMs % lengthMs);
    const [hour, minute] = [startOf(hourMs), startOf(minuteMs)];
    const hours = { fromMs: hour(nowMs - hourMs), toMs: hour(nowMs) + hourMs };
    const minutes = { fromMs: minute(nowMs - hourMs), toMs: minute(nowMs) + minuteMs };
    expect(planRange(asked, nowMs, longest)).toEqual({ ok: true, value: hours });
    expect(planRange(asked, nowMs, longest, 'minute')).toEqual({ ok: true, value: minutes });
  });

  test('is refused where it is too long', () => {
    const tooLong = { ok: false, error: { field: 'fromMs', message: 'too long' } };
    expect(planRange({ ...asked, fromMs: nowMs - 2 * hourMs }, nowMs, longest, 'minute')).toEqual(tooLong);
  });
});

describe('a report', () => {
  test('is made of whole buckets that contain what was asked for, and slices that are exactly these', () => {
    holds(
      fc.property(requests, (request) => {
        const plan = planReport(request, nowMs);
        if (!plan.ok) {
          expect(['fromMs', 'toMs', 'bucket', 'groupBy', 'siteId', 'subnet', 'key', 'policyId']).toContain(
            plan.error.field,
          );
          return;
        }
        const { fromMs, toMs, bucket, sliceMs } = plan.value;
        expect(bucketStartMs(bucket, fromMs)).toBe(fromMs);
        expect(bucketStartMs(bucket, toMs)).toBe(toMs);
        if (request.fromMs !== null) expect(fromMs).toBeLessThanOrEqual(request.fromMs);
        if (request.toMs !== null) expect(toMs).toBeGreaterThanOrEqual(request.toMs);
        expect(bucketsOf(plan.value)).toBeLessThanOrEqual(1500);
        const slices = slicesOf(plan.value);
        expect(slices.length).toBeLessThanOrEqual(40);
        expect([slices[0]?.fromMs, slices.at(-1)?.toMs]).toEqual([fromMs, toMs]);
        expect(slices.slice(1).map((slice) => slice.fromMs)).toEqual(slices.slice(0, -1).map((slice) => slice.toMs));
        expect(slices.every((slice) => slice.toMs - slice.fromMs <= sliceMs)).toBe(true);
      }),
      2000,
    );
  });

  test('sums days up from whole months where the time has some, each moment once', () => {
    holds(
      fc.property(requests, (request) => {
        const plan = planReport(request, nowMs);
        if (!plan.ok || plan.value.source.kind === 'facts') return;
        const { table } = plan.value.source;
        const slices = sumSlicesOf(plan.value, table);
        expect([slices[0]?.fromMs, slices.at(-1)?.toMs]).toEqual([plan.value.fromMs, plan.value.toMs]);
        expect(slices.slice(1).map(({ fromMs }) => fromMs)).toEqual(slices.slice(0, -1).map(({ toMs }) => toMs));
        if (table !== 'days') expect(new Set(slices.map((slice) => slice.table))).toEqual(new Set([table]));
        const months = slices.filter((slice) => slice.table === 'months');
        if (table !== 'days' || months.length === 0) return;
        const [first, last] = [months[0], months.at(-1)];
        expect(startOfMonthMs(first?.fromMs ?? 1)).toBe(first?.fromMs);
        expect(startOfMonthMs(last?.toMs ?? 1)).toBe(last?.toMs);
        const days = slices.filter((slice) => slice.table === 'days');
        expect(days.every(({ fromMs, toMs }) => toMs - fromMs < 31 * dayMs)).toBe(true);
      }),
      2000,
    );
  });

  test('reads only what is kept', () => {
    const cutoffs = statisticsCutoffs(nowMs);
    const read = { minutes: cutoffs.minutesMs, 'agent-days': cutoffs.agentDaysMs };
    holds(
      fc.property(requests, (request) => {
        const plan = planReport(request, nowMs);
        if (!plan.ok) return;
        const { table } = plan.value.source;
        if (table === 'minutes' || table === 'agent-days') {
          expect(plan.value.fromMs).toBeGreaterThanOrEqual(read[table]);
        }
      }),
      2000,
    );
  });

  test('is of the last day, hour by hour, where nothing is said', () => {
    const plan = planReport(plain, nowMs);
    expect(plan.ok && [plan.value.bucket, bucketsOf(plan.value)]).toEqual(['hour', 25]);
  });

  test.each<[Partial<ReportRequest>, object]>([
    [{ fromMs: nowMs - hourMs }, { kind: 'facts', table: 'minutes' }],
    [
      { fromMs: nowMs - 300 * dayMs, groupBy: 'site' },
      { kind: 'totals', table: 'days', dimension: 'site' },
    ],
    [
      { fromMs: nowMs - 300 * dayMs, filters: ['key'] },
      { kind: 'totals', table: 'days', dimension: 'package' },
    ],
    [
      { fromMs: nowMs - 300 * dayMs, groupBy: 'site', filters: ['key'] },
      { kind: 'facts', table: 'hours' },
    ],
    [
      { fromMs: nowMs - 100 * dayMs, groupBy: 'agent' },
      { kind: 'totals', table: 'months', dimension: 'agent' },
    ],
    [
      { fromMs: nowMs - 20 * dayMs, filters: ['agentId'] },
      { kind: 'totals', table: 'agent-days', dimension: 'agent' },
    ],
    [
      { bucket: 'month', fromMs: nowMs - 60 * dayMs },
      { kind: 'totals', table: 'months', dimension: 'all' },
    ],
  ])('of %o reads %o', (request, source) => {
    const plan = planReport({ ...plain, ...request }, nowMs);
    expect(plan.ok && plan.value.source).toEqual(source);
  });

  test.each<[Partial<ReportRequest>, string]>([
    [{ fromMs: nowMs, toMs: nowMs }, 'fromMs'],
    [{ fromMs: nowMs - 400 * dayMs }, 'fromMs'],
    [{ toMs: nowMs + 2 * dayMs }, 'toMs'],
    [{ fromMs: nowMs - 3 * dayMs, bucket: 'minute' }, 'bucket'],
    [{ fromMs: nowMs - 20 * hourMs, bucket: 'minute', groupBy: 'site' }, 'fromMs'],
    [{ fromMs: nowMs - 40 * dayMs, bucket: 'hour' }, 'bucket'],
    [{ fromMs: nowMs - 200 * dayMs, filters: ['policyId'], groupBy: 'site' }, 'fromMs'],
    [{ groupBy: 'agent', filters: ['siteId'] }, 'siteId'],
    [{ groupBy: 'site', filters: ['agentId'] }, 'groupBy'],
    [{ groupBy: 'agent', bucket: 'hour' }, 'bucket'],
    [{ groupBy: 'agent', fromMs: nowMs - 300 * dayMs }, 'fromMs'],
    [{ groupBy: 'agent', bucket: 'day', fromMs: nowMs - agentDaysKeptMs }, 'bucket'],
  ])('of %o is refused for its %s', (request, field) => {
    const plan = planReport({ ...plain, ...request }, nowMs);
    expect(!plan.ok && plan.error.field).toBe(field);
  });
});

test('only what is beyond one copy is excused, and only as far as it was told so', () => {
  expect(excusedBytes(100, 100, 100)).toBe(0);
  expect(excusedBytes(250, 100, 100)).toBe(100);
  expect(excusedBytes(150, 100, 100)).toBe(50);
  expect(excusedBytes(150, 20, 100)).toBe(20);
});
