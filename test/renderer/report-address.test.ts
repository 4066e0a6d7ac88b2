import { describe, expect, it } from 'vitest';
import { pointsOfReport, rangeWords } from '../../renderer/components/report-time.ts';
import {
  otherReport,
  type ReportAddress,
  readReportAddress,
  reportPath,
  reportQuery,
} from '../../renderer/features/reports/report-address.ts';
import { drillPath } from '../../renderer/features/reports/report-words.ts';
import type { TrafficReport } from '../../shared/contracts/reports-api.ts';

const hourMs = 3_600_000;

function read(path: string): ReportAddress {
  const report = /^\/reports\/?([a-z-]*)/.exec(path)?.[1] ?? '';
  const address = readReportAddress(report, path);
  if (address === null) throw new Error(`no report at ${path}`);
  return address;
}

describe('the address of a report', () => {
  it('says nothing that goes without saying', () => {
    expect(reportPath(read('/reports'))).toBe('/reports/traffic');
    expect(reportPath(read('/reports/wan-copies?by=subnet&range=24h'))).toBe('/reports/wan-copies');
  });

  it('keeps every choice', () => {
    const paths = [
      '/reports/traffic?range=28d&by=agent',
      '/reports/savings?by=policy&siteId=s1&subnet=10.1.2.0%2F24',
      '/reports/reasons?from=2026-03-01T00%3A00%3A00.000Z&to=2026-03-02T12%3A30%3A00.000Z&by=subnet&key=k',
      '/reports/penetration?deliveryId=d1',
    ];
    for (const path of paths) expect(reportPath(read(path))).toBe(path);
  });

  it('leaves out what the report cannot be asked, and what is no time', () => {
    const path = '/reports/first-downloaders?siteId=s1&by=site&from=yesterday&subnet=10.0.0.0%2F8';
    expect(reportPath(read(path))).toBe('/reports/first-downloaders?subnet=10.0.0.0%2F8');
  });

  it('of an unknown report leads nowhere', () => {
    expect(readReportAddress('weather', '/reports/weather')).toBeNull();
  });

  it('of another report has the same time and the filters that it has too', () => {
    const address = read('/reports/traffic?range=28d&by=policy&siteId=s1&agentId=a1');
    expect(reportPath(otherReport(address, 'wan-copies'))).toBe('/reports/wan-copies?range=28d&siteId=s1');
    expect(reportPath(otherReport(address, 'penetration'))).toBe('/reports/penetration');
  });

  it('asks the same question within an hour, and from a full hour on', () => {
    const address = read('/reports/traffic?siteId=s1');
    const first = reportQuery(address, 1000 * hourMs);
    expect(first).toEqual({ fromMs: String(976 * hourMs), siteId: 's1' });
    expect(reportQuery(address, 1001 * hourMs - 1)).toEqual(first);
    const key = 'ab'.repeat(20);
    expect(reportQuery(read(`/reports/penetration?key=${key}`), 1000 * hourMs)).toEqual({ key });
  });

  it('asks nothing of a filter that no report would take', () => {
    const { siteId, key, subnet } = reportQuery(read('/reports/traffic?siteId=s1&key=k&subnet=10.1'), 1000 * hourMs);
    expect([siteId, key, subnet]).toEqual(['s1', undefined, undefined]);
  });
});

describe('one step down', () => {
  it('leads from a site to its subnets and from an agent to its page', () => {
    const address = read('/reports/traffic?range=28d');
    expect(drillPath(address, 'site', 's1')).toBe('/reports/traffic?range=28d&by=subnet&siteId=s1');
    expect(drillPath(address, 'site', '')).toBe('/reports/traffic?range=28d&by=subnet&siteId=unassigned');
    expect(drillPath(address, 'agent', 'a1')).toBe('/agents/a1');
  });

  it('is not there for clients without an agent', () => {
    expect(drillPath(read('/reports/traffic'), 'agent', '')).toBeNull();
    expect(drillPath(read('/reports/traffic'), 'policy', '')).toBeNull();
  });
});

const bytes = {
  notificationServerBytes: 5,
  ownPackageServerBytes: 2,
  foreignPackageServerBytes: 1,
  peerBytes: 4,
  fillBytes: 0,
};

function report(part: Pick<TrafficReport, 'bucket' | 'fromMs' | 'toMs'>, atMs: number): TrafficReport {
  const groups = [{ id: '', name: 'All', bytes, points: [{ ...bytes, atMs }] }];
  return { ...part, groupBy: 'all', total: bytes, groups, others: { groups: 0, bytes } };
}

it('draws hours without bytes as nothing instead of leaving them out', () => {
  const points = pointsOfReport(report({ bucket: 'hour', fromMs: 0, toMs: 3 * hourMs }, hourMs));
  expect(points).toEqual([
    { atMs: 0, directBytes: 0, peerBytes: 0 },
    { atMs: hourMs, directBytes: 8, peerBytes: 4 },
    { atMs: 2 * hourMs, directBytes: 0, peerBytes: 0 },
  ]);
});

it('draws months as long as they are', () => {
  const [fromMs, toMs] = [Date.UTC(2026, 0), Date.UTC(2026, 3)];
  const points = pointsOfReport(report({ bucket: 'month', fromMs, toMs }, Date.UTC(2026, 2)));
  expect(points.map(({ peerBytes }) => peerBytes)).toEqual([0, 0, 4]);
});

it('says days as days of UTC, the last one included', () => {
  const [fromMs, toMs] = [Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 4)];
  expect(rangeWords(fromMs, toMs, 'day')).toBe('1 Mar 2026 to 3 Mar 2026 (days of UTC)');
  expect(rangeWords(fromMs, Date.UTC(2026, 2, 2), 'day')).toBe('1 Mar 2026 (UTC)');
});
