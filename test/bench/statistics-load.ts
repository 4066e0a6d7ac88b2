import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import type { ReportName } from '../../shared/contracts/report-tables.ts';
import { dayMs } from '../../shared/server/statistics/traffic-cells.ts';
import type { BenchedServer } from './benched-server.ts';
import type { SeededStatistics } from './seeded-statistics.ts';

const repetitions = 5;

export interface ReportTime {
  readonly report: string;
  /** The first time, when nothing of it is in memory yet, and the middle of five more. */
  readonly firstMs: number;
  readonly medianMs: number;
  /** Of the server, on average: what other programs on the computer do not change. In steps of 2 ms. */
  readonly cpuMs: number;
}

/** How long each report takes, from the question to the parsed answer. */
export async function timeReports(
  server: BenchedServer,
  { siteName, subnet, key: keyText, policyId, agentId: agentText }: SeededStatistics,
  nowMs: number,
): Promise<ReportTime[]> {
  const client = new ConsoleClient(server.consoleUrl, server.apiToken);
  const [key, agentId] = [keyText as PackageKey, agentText as AgentId];
  const year = { fromMs: String(nowMs - 364 * dayMs) };
  const month = { fromMs: String(nowMs - 30 * dayMs) };
  const twoMonths = { fromMs: String(nowMs - 60 * dayMs) };
  const halfYear = { fromMs: String(nowMs - 180 * dayMs) };
  const week = { fromMs: String(nowMs - 6 * dayMs) };
  const day = { fromMs: String(nowMs - 22 * 60 * 60 * 1000) };
  const halfDay = { fromMs: String(nowMs - 11 * 60 * 60 * 1000) };
  const siteId = siteName;
  const traffic = (['all', 'site', 'subnet', 'package', 'policy'] as const).flatMap((groupBy) => [
    ['trafficReport', `traffic by ${groupBy}, a year of days`, { ...year, bucket: 'day', groupBy }] as const,
    ['trafficReport', `traffic by ${groupBy}, a month of hours`, { ...month, bucket: 'hour', groupBy }] as const,
    [
      'trafficReport',
      `traffic by ${groupBy}, minutes`,
      { ...(groupBy === 'all' ? day : halfDay), bucket: 'minute', groupBy },
    ] as const,
  ]);
  const questions: readonly (readonly [ReportName, string, object])[] = [
    ...traffic,
    ['trafficReport', 'traffic by agent, a week of days', { ...week, groupBy: 'agent' }],
    ['trafficReport', 'traffic by agent, half a year of months', { ...halfYear, groupBy: 'agent' }],
    ['trafficReport', 'traffic of an agent, a month of days', { ...month, agentId }],
    ['trafficReport', 'traffic of a site, a month of hours', { ...month, bucket: 'hour', siteId }],
    [
      'trafficReport',
      'traffic of a site by package, a year of days',
      { ...year, bucket: 'day', siteId, groupBy: 'package' },
    ],
    [
      'trafficReport',
      'traffic of a package by subnet, a year of days',
      { ...year, bucket: 'day', key, groupBy: 'subnet' },
    ],
    [
      'trafficReport',
      'traffic of a policy by site, two months of days',
      { ...twoMonths, bucket: 'day', policyId, groupBy: 'site' },
    ],
    ['savingsReport', 'savings by site, a year', { ...year, bucket: 'day' }],
    ['wanCopiesReport', 'WAN copies by subnet, a month', month],
    ['wanCopiesReport', 'WAN copies by site, a month', { ...month, per: 'site' }],
    ['wanCopiesReport', 'WAN copies of a package, a year', { ...year, key }],
    ['wanCopiesReport', 'WAN copies of a subnet, a year', { ...year, subnet }],
    ['directReasonsReport', 'reasons, two months', twoMonths],
    ['directReasonsReport', 'reasons by site, two months', { ...twoMonths, groupBy: 'site' }],
    ['directReasonsReport', 'reasons of a site, a year', { ...year, siteId }],
    ['firstDownloadersReport', 'first downloaders, a year', year],
    ['penetrationReport', 'penetration of a package', { key }],
  ];
  const times: ReportTime[] = [];
  for (const [name, report, query] of questions) {
    const taken: number[] = [];
    let cpuSeconds = 0;
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      if (repetition === 1) cpuSeconds = await server.cpuSeconds();
      const begunMs = performance.now();
      // Every question above is one that its route takes; a wrong one is refused and ends the bench.
      await client.call(name, { query } as ConsoleCall<ReportName>);
      taken.push(Math.round(performance.now() - begunMs));
    }
    const cpuMs = Math.round(((await server.cpuSeconds()) - cpuSeconds) * 1000) / repetitions;
    const [firstMs = 0, ...rest] = taken;
    times.push({ report, firstMs, cpuMs, medianMs: rest.sort((a, b) => a - b)[Math.floor(rest.length / 2)] ?? 0 });
  }
  return times;
}
