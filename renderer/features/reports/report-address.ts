import { z } from 'zod';
import { reportRoutes, trafficReportQuerySchema } from '../../../shared/contracts/reports-api.ts';
import { hourMs } from '../../components/report-time.ts';

/** What a report page shows is all in its address, so that a colleague who opens it sees the same. */

export const reportNames = ['traffic', 'savings', 'wan-copies', 'reasons', 'first-downloaders', 'penetration'] as const;
export type ReportName = (typeof reportNames)[number];

export const reportFilters = ['siteId', 'subnet', 'key', 'policyId', 'agentId', 'deliveryId'] as const;
export type ReportFilter = (typeof reportFilters)[number];

export const groupings = ['all', 'site', 'subnet', 'package', 'policy', 'agent'] as const;
export type Grouping = (typeof groupings)[number];

/** `all`: since the thing itself began; `own`: from `fromMs` to `toMs`. */
export type RangeName = '24h' | '28d' | 'all' | 'own';

export interface ReportAddress {
  readonly report: ReportName;
  readonly range: RangeName;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly by: Grouping;
  readonly filters: { readonly [Filter in ReportFilter]?: string };
}

interface ReportTraits {
  readonly filters: readonly ReportFilter[];
  /** Empty: rows are not grouped. */
  readonly groupings: readonly Grouping[];
  readonly by: Grouping;
  readonly range: RangeName;
}

/** What each report can be asked; the first place is what it shows by itself. */
export const reportTraits: Readonly<Record<ReportName, ReportTraits>> = {
  traffic: {
    filters: ['siteId', 'subnet', 'key', 'policyId', 'agentId'],
    groupings: ['site', 'subnet', 'package', 'policy', 'agent'],
    by: 'site',
    range: '24h',
  },
  savings: {
    filters: ['siteId', 'subnet', 'key', 'policyId', 'agentId'],
    groupings: ['site', 'subnet', 'package', 'policy', 'agent'],
    by: 'site',
    range: '24h',
  },
  'wan-copies': {
    filters: ['siteId', 'subnet', 'key', 'policyId'],
    groupings: ['subnet', 'site'],
    by: 'subnet',
    range: '24h',
  },
  reasons: {
    filters: ['siteId', 'subnet', 'key', 'policyId'],
    groupings: ['all', 'site', 'subnet', 'package', 'policy'],
    by: 'all',
    range: '24h',
  },
  'first-downloaders': { filters: ['subnet', 'key', 'agentId'], groupings: [], by: 'all', range: '24h' },
  penetration: { filters: ['key', 'deliveryId'], groupings: [], by: 'all', range: 'all' },
};

/** What an address says; what it says that cannot be is left out. */
export function readReportAddress(report: string, path: string): ReportAddress | null {
  const name = reportNames.find((known) => known === (report === '' ? 'traffic' : report));
  if (name === undefined) return null;
  const traits = reportTraits[name];
  const query = new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?') + 1) : '');
  const fromMs = timeOf(query.get('from'));
  const toMs = timeOf(query.get('to'));
  const asked = query.get('range');
  const filters: { [Filter in ReportFilter]?: string } = {};
  for (const filter of traits.filters) {
    const value = query.get(filter);
    if (value !== null && value !== '') filters[filter] = value;
  }
  return {
    report: name,
    range: fromMs !== null ? 'own' : asked === '24h' || asked === '28d' ? asked : traits.range,
    fromMs,
    toMs,
    by: traits.groupings.find((grouping) => grouping === query.get('by')) ?? traits.by,
    filters,
  };
}

/** The address of a report; what goes without saying is not in it. */
export function reportPath({ report, range, fromMs, toMs, by, filters }: ReportAddress): string {
  const traits = reportTraits[report];
  const query = new URLSearchParams();
  if (fromMs !== null) query.set('from', new Date(fromMs).toISOString());
  if (fromMs !== null && toMs !== null) query.set('to', new Date(toMs).toISOString());
  if (fromMs === null && range !== traits.range) query.set('range', range);
  if (by !== traits.by && traits.groupings.includes(by)) query.set('by', by);
  for (const filter of traits.filters) {
    const value = filters[filter];
    if (value !== undefined) query.set(filter, value);
  }
  const text = query.toString();
  return `/reports/${report}${text === '' ? '' : `?${text}`}`;
}

/** Another report about the same time, with the filters that it has too. */
export function otherReport(address: ReportAddress, report: ReportName): ReportAddress {
  const traits = reportTraits[report];
  const range = address.range === 'all' || report === 'penetration' ? traits.range : address.range;
  const isOwn = range === 'own';
  return {
    ...address,
    ...{ report, range, by: traits.by },
    fromMs: isOwn ? address.fromMs : null,
    toMs: isOwn ? address.toMs : null,
  };
}

const { siteId, subnet, key, policyId, agentId } = trafficReportQuerySchema.shape;
const { deliveryId } = reportRoutes.penetrationReport.query.shape;
/** Filters of an address are text that anybody may have typed: one that no route would take asks for nothing. */
const askedFiltersSchema = z.object({
  siteId: siteId.catch(undefined),
  subnet: subnet.catch(undefined),
  key: key.catch(undefined),
  policyId: policyId.catch(undefined),
  agentId: agentId.catch(undefined),
  deliveryId: deliveryId.catch(undefined),
});

export type ReportQuestion = z.infer<typeof askedFiltersSchema> & { readonly fromMs?: string; readonly toMs?: string };

/**
 * The time and filters as a report route takes them. Times that move with the clock begin at a full hour: within it the
 * question stays the same, so that its answer is renewed and not replaced.
 */
export function reportQuery({ range, fromMs, toMs, filters }: ReportAddress, nowMs: number): ReportQuestion {
  const hours = range === '24h' ? 24 : range === '28d' ? 28 * 24 : null;
  const beginMs = hours === null ? fromMs : Math.floor(nowMs / hourMs - hours) * hourMs;
  return {
    ...(beginMs === null ? {} : { fromMs: String(beginMs) }),
    ...(range === 'own' && toMs !== null ? { toMs: String(toMs) } : {}),
    ...askedFiltersSchema.parse(filters),
  };
}

function timeOf(text: string | null): number | null {
  const atMs = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) || atMs < 0 ? null : atMs;
}
