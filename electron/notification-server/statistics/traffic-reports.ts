import type {
  ReportGrouping,
  SavingsReport,
  TrafficReport,
  TrafficReportQuery,
} from '../../../shared/contracts/reports-api.ts';
import { maximumPoints } from '../../../shared/contracts/reports-api.ts';
import type { TrafficBytes } from '../../../shared/contracts/statistics.ts';
import {
  allBytes,
  crossedBytes,
  minusBytes,
  noBytes,
  plusBytes,
  wouldCrossBytes,
} from '../../../shared/server/statistics/byte-counts.ts';
import type { ReportFilter, ReportPlan } from '../../../shared/server/statistics/report-plan.ts';
import {
  bucketStartMs,
  bucketsOf,
  planReport,
  slicesOf,
  sumSlicesOf,
} from '../../../shared/server/statistics/report-plan.ts';
import type {
  FactDimension,
  FactFilters,
  FactGroups,
  MemberBytes,
  MemberPoint,
} from '../../database/stores/report-store.ts';
import {
  factPoints,
  factSums,
  namesOfMembers,
  topAgentMembers,
  totalPoints,
  totalSums,
} from '../../database/stores/report-store.ts';
import type { FactTable, TotalTable } from '../../database/stores/traffic-store.ts';
import { Refusal } from '../refusal.ts';
import type { ServerState } from '../server-state.ts';
import type { FilterValues } from './report-names.ts';
import { nameOfMember, resolveFilters } from './report-names.ts';
import { afterEachTurn, millisecondsOf } from './report-turns.ts';

export type ReportParts = Pick<ServerState, 'database' | 'organisation' | 'directory' | 'buckets' | 'now'>;

const defaultTop = 10;
const filterFields: readonly ReportFilter[] = ['siteId', 'subnet', 'key', 'policyId', 'agentId'];
const factTables = { minutes: 'traffic_minutes', hours: 'traffic_hours' } as const satisfies Record<string, FactTable>;
const totalTables = {
  days: 'traffic_days',
  'agent-days': 'traffic_agent_days',
  months: 'traffic_months',
} as const satisfies Record<string, TotalTable>;

/** Where a report reads: in parts of its time, between which the server does other things. */
interface Reader {
  sums(): Promise<MemberBytes[]>;
  points(members: readonly number[]): Promise<MemberPoint[]>;
}

/** Direct and peer bytes over time. */
export async function trafficReport(parts: ReportParts, query: TrafficReportQuery): Promise<TrafficReport> {
  const groupBy = query.groupBy ?? 'all';
  const top = query.top === undefined ? defaultTop : Number(query.top);
  const { plan, groups, total, count, reader } = await groupsOf(parts, query, top);
  const shown = groups.slice(0, top);
  if (shown.length * bucketsOf(plan) > maximumPoints) {
    const message = `At most ${maximumPoints} points are given at once. Ask for fewer rows, a shorter time or larger buckets.`;
    throw refusedField('top', message);
  }
  const points = new Map<number, Map<number, TrafficBytes>>();
  for (const { memberId, atMs, bytes } of shown.length === 0 ? [] : await reader.points(idsOf(shown))) {
    const series = points.get(memberId) ?? new Map<number, TrafficBytes>();
    points.set(memberId, series);
    const bucket = bucketStartMs(plan.bucket, atMs);
    series.set(bucket, plusBytes(series.get(bucket) ?? noBytes, bytes));
  }
  const names = await namesOf(parts, groupBy, shown);
  return {
    fromMs: plan.fromMs,
    toMs: plan.toMs,
    bucket: plan.bucket,
    groupBy,
    total,
    groups: shown.map(({ memberId, bytes }) => ({
      ...(names.get(memberId) ?? everything),
      bytes,
      points: [...(points.get(memberId) ?? [])].sort(([a], [b]) => a - b).map(([atMs, of]) => ({ atMs, ...of })),
    })),
    others: { groups: count === null ? null : count - shown.length, bytes: minusBytes(total, sumOf(shown)) },
  };
}

/** What would have crossed WAN links, and what did. */
export async function savingsReport(parts: ReportParts, query: TrafficReportQuery): Promise<SavingsReport> {
  const groupBy = query.groupBy ?? 'site';
  const top = query.top === undefined ? defaultTop : Number(query.top);
  const { plan, groups, total } = await groupsOf(parts, { ...query, groupBy }, top);
  const savedBytes = ({ bytes }: MemberBytes) => wouldCrossBytes(bytes) - crossedBytes(bytes);
  const shown = [...groups].sort((a, b) => savedBytes(b) - savedBytes(a) || a.memberId - b.memberId).slice(0, top);
  const names = await namesOf(parts, groupBy, shown);
  const rowOf = (name: { readonly id: string; readonly name: string }, group: MemberBytes) => ({
    ...name,
    wouldCrossBytes: wouldCrossBytes(group.bytes),
    crossedBytes: crossedBytes(group.bytes),
    savedBytes: savedBytes(group),
  });
  return {
    fromMs: plan.fromMs,
    toMs: plan.toMs,
    groupBy,
    total: rowOf(everything, { memberId: 0, bytes: total }),
    rows: shown.map((group) => rowOf(names.get(group.memberId) ?? everything, group)),
  };
}

const everything = { id: '', name: 'All' };

interface Groups {
  readonly plan: ReportPlan;
  /** Most bytes first: all that took anything, of agents those that took most. */
  readonly groups: readonly MemberBytes[];
  /** Null for agents, which nobody counts. */
  readonly count: number | null;
  readonly total: TrafficBytes;
  readonly reader: Reader;
}

async function groupsOf(parts: ReportParts, query: TrafficReportQuery, top: number): Promise<Groups> {
  const groupBy = query.groupBy ?? 'all';
  const request = {
    fromMs: millisecondsOf(query.fromMs),
    toMs: millisecondsOf(query.toMs),
    bucket: query.bucket ?? null,
    groupBy,
    filters: filterFields.filter((field) => query[field] !== undefined),
  };
  const planned = planReport(request, parts.now());
  if (!planned.ok) throw refusedField(planned.error.field, planned.error.message);
  const plan = planned.value;
  const reader = await readerOf(parts, plan, groupBy, query);
  await parts.buckets.fold();
  if (plan.source.kind === 'totals' && plan.source.dimension === 'agent' && query.agentId === undefined) {
    return { plan, reader, ...(await topAgents(parts, plan, reader, plan.source.table, top)) };
  }
  const groups = sumsOf(await reader.sums());
  return { plan, reader, groups, count: groups.length, total: sumOf(groups) };
}

/** Agents are too many to be read one by one; what all took together is known without them. */
async function topAgents(
  { database }: ReportParts,
  plan: ReportPlan,
  reader: Reader,
  table: 'days' | 'agent-days' | 'months',
  top: number,
) {
  const members = await topAgentMembers(database, totalTables[table], plan, top);
  const taken = members.length === 0 ? [] : await reader.points(members);
  const groups = sumsOf(taken);
  const ofAll = table === 'months' ? 'traffic_months' : 'traffic_days';
  const all = await totalSums(database, ofAll, plan, { dimension: 'all', member: null });
  return { groups, count: null, total: sumOf(all) };
}

/** Most bytes first. */
function sumsOf(rows: readonly MemberBytes[]): MemberBytes[] {
  const sums = new Map<number, TrafficBytes>();
  for (const { memberId, bytes } of rows) sums.set(memberId, plusBytes(sums.get(memberId) ?? noBytes, bytes));
  const groups = [...sums].map(([memberId, bytes]) => ({ memberId, bytes })).filter(({ bytes }) => allBytes(bytes) > 0);
  return groups.sort((a, b) => allBytes(b.bytes) - allBytes(a.bytes) || a.memberId - b.memberId);
}

async function namesOf(parts: ReportParts, groupBy: ReportGrouping, groups: readonly MemberBytes[]) {
  const names = groupBy === 'all' ? [] : await namesOfMembers(parts.database, idsOf(groups));
  return new Map([...names].map(([memberId, id]) => [memberId, { id, name: nameOfMember(parts, groupBy, id) }]));
}

function idsOf(groups: readonly MemberBytes[]): number[] {
  return groups.map(({ memberId }) => memberId);
}

async function readerOf(
  parts: ReportParts,
  plan: ReportPlan,
  groupBy: ReportGrouping,
  values: FilterValues,
): Promise<Reader> {
  const { database } = parts;
  const filters = await resolveFilters(parts, values);
  const slices = slicesOf(plan);
  const { source } = plan;
  if (source.kind === 'facts') {
    const table = factTables[source.table];
    const dimension = groupBy === 'all' || groupBy === 'agent' ? null : groupBy;
    const pointsOf = (groups: FactGroups | null) =>
      afterEachTurn(slices, (slice) => factPoints(database, table, slice, filters.facts, groups));
    if (dimension === null) return readerOfAll(() => pointsOf(null));
    return {
      sums: () => afterEachTurn(slices, (slice) => factSums(database, table, slice, filters.facts, dimension)),
      points: (members) => pointsOf({ dimension, members }),
    };
  }
  const { table, dimension } = source;
  const subject = { dimension, member: memberOf(dimension, filters.facts, filters.agent) };
  return {
    sums: () =>
      afterEachTurn(sumSlicesOf(plan, table), (slice) => totalSums(database, totalTables[slice.table], slice, subject)),
    points: (members) => afterEachTurn(slices, (slice) => totalPoints(database, totalTables[table], slice, members)),
  };
}

/** Where nothing is grouped by, the points are all that there is to sum up: they are read once. */
function readerOfAll(readPoints: () => Promise<MemberPoint[]>): Reader {
  let points: Promise<MemberPoint[]> | null = null;
  const read = () => {
    points ??= readPoints();
    return points;
  };
  return { sums: read, points: read };
}

/** Totals are of one dimension, which may be limited to one member. */
function memberOf(dimension: ReportGrouping, facts: FactFilters, agent: number | null): number | null {
  if (dimension === 'agent') return agent;
  return dimension === 'all' ? null : (facts[dimension satisfies FactDimension] ?? null);
}

function sumOf(groups: readonly MemberBytes[]): TrafficBytes {
  return groups.reduce((sum, { bytes }) => plusBytes(sum, bytes), noBytes);
}

export function refusedField(path: string, message: string): Refusal {
  return new Refusal('invalid-request', `The request is not valid. ${path}: ${message}`, {
    fields: [{ path, message }],
  });
}
