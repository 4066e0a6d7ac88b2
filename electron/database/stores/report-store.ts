import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { mostBytes } from '../../../shared/base/byte-sums.ts';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { JournalReason, SourceKind } from '../../../shared/contracts/journal.ts';
import { journalReasonSchema, sourceKindSchema } from '../../../shared/contracts/journal.ts';
import type { TotalDimension, TrafficBytes } from '../../../shared/contracts/statistics.ts';
import type { ClaimsTable } from '../schema.ts';
import type { Executor } from './executor.ts';
import { countOf } from './executor.ts';
import type { FactTable, TotalTable } from './traffic-store.ts';

export type FactDimension = 'site' | 'subnet' | 'package' | 'policy';
/** Numbers of members that rows have to have. */
export type FactFilters = { readonly [Dimension in FactDimension]?: number | undefined };
/** Some members of a dimension. */
export interface FactGroups {
  readonly dimension: FactDimension;
  readonly members: readonly number[];
}
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}
export interface MemberBytes {
  readonly memberId: number;
  readonly bytes: TrafficBytes;
}
export interface MemberPoint extends MemberBytes {
  readonly atMs: number;
}

const columnOf = { site: 'site_id', subnet: 'subnet_id', package: 'package_id', policy: 'policy_id' } as const;
type ByteColumn = 'server_bytes' | 'own_site_bytes' | 'foreign_bytes' | 'peer_bytes' | 'fill_bytes';

/** Sums as numbers, also where a database makes more than 64 bits of them. */
function sum(column: ByteColumn | 'bytes') {
  return sql<number>`cast(sum(${sql.ref(column)}) as double precision)`;
}

const sums = [
  sum('server_bytes').as('server_bytes'),
  sum('own_site_bytes').as('own_site_bytes'),
  sum('foreign_bytes').as('foreign_bytes'),
  sum('peer_bytes').as('peer_bytes'),
  sum('fill_bytes').as('fill_bytes'),
] as const;

function bounded(value: number | null): number {
  return Math.min(mostBytes, countOf(value));
}

function bytesOf(row: { readonly [Column in ByteColumn]: number | null }): TrafficBytes {
  return {
    notificationServerBytes: bounded(row.server_bytes),
    ownPackageServerBytes: bounded(row.own_site_bytes),
    foreignPackageServerBytes: bounded(row.foreign_bytes),
    peerBytes: bounded(row.peer_bytes),
    fillBytes: bounded(row.fill_bytes),
  };
}

type Condition = readonly ['at_ms' | (typeof columnOf)[FactDimension], '>=' | '<' | '=', number];

function conditionsOf({ fromMs, toMs }: TimeRange, filters: FactFilters): readonly Condition[] {
  const members = (Object.entries(filters) as [FactDimension, number | undefined][]).flatMap(
    ([dimension, id]): Condition[] => (id === undefined ? [] : [[columnOf[dimension], '=', id]]),
  );
  return [['at_ms', '>=', fromMs], ['at_ms', '<', toMs], ...members];
}

function factsWhere(executor: Executor, table: FactTable, range: TimeRange, filters: FactFilters) {
  const conditions = conditionsOf(range, filters);
  return conditions.reduce((query, condition) => query.where(...condition), executor.selectFrom(table));
}

/** `memberId` 0 where nothing is grouped by. */
export async function factSums(
  executor: Executor,
  table: FactTable,
  range: TimeRange,
  filters: FactFilters,
  groupBy: FactDimension | null,
): Promise<MemberBytes[]> {
  const query = factsWhere(executor, table, range, filters).select(sums);
  if (groupBy === null) {
    const row = await query.executeTakeFirst();
    return row === undefined ? [] : [{ memberId: 0, bytes: bytesOf(row) }];
  }
  const rows = await query.select(`${columnOf[groupBy]} as member_id`).groupBy(columnOf[groupBy]).execute();
  return rows.map((row) => ({ memberId: row.member_id, bytes: bytesOf(row) }));
}

/** By hour or minute, for some members or, where nothing is grouped by, for all together. */
export async function factPoints(
  executor: Executor,
  table: FactTable,
  range: TimeRange,
  filters: FactFilters,
  groupBy: FactGroups | null,
): Promise<MemberPoint[]> {
  const query = factsWhere(executor, table, range, filters).select(sums).select('at_ms').groupBy('at_ms');
  if (groupBy === null) {
    const rows = await query.execute();
    return rows.map((row) => ({ memberId: 0, atMs: row.at_ms, bytes: bytesOf(row) }));
  }
  const column = columnOf[groupBy.dimension];
  const rows = await query
    .select(`${column} as member_id`)
    .where(column, 'in', groupBy.members)
    .groupBy(column)
    .execute();
  return rows.map((row) => ({ memberId: row.member_id, atMs: row.at_ms, bytes: bytesOf(row) }));
}

/** Of every member of a dimension, or of one. */
export async function totalSums(
  executor: Executor,
  table: TotalTable,
  { fromMs, toMs }: TimeRange,
  subject: { readonly dimension: TotalDimension; readonly member: number | null },
): Promise<MemberBytes[]> {
  let query = executor
    .selectFrom('statistics_members as member')
    .innerJoin(`${table} as total`, 'total.member_id', 'member.member_id')
    .where('member.dimension', '=', subject.dimension)
    .where('total.at_ms', '>=', fromMs)
    .where('total.at_ms', '<', toMs);
  if (subject.member !== null) query = query.where('member.member_id', '=', subject.member);
  const rows = await query
    .select(sums)
    .select((build) => build.fn.min('member.member_id').as('member_id'))
    // By name: members of a dimension are found in this order, so that nothing has to be sorted.
    .groupBy('member.name')
    .execute();
  return rows.map((row) => ({ memberId: row.member_id, bytes: bytesOf(row) }));
}

const dimensionsOfFew: readonly TotalDimension[] = ['all', 'site', 'subnet', 'package', 'policy'];

/**
 * Numbers of the agents that took most, the first first. Agents are tens of thousands: nothing is summed up but what ranks
 * them, and that they are agents is asked once for each.
 */
export async function topAgentMembers(
  executor: Executor,
  table: TotalTable,
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<number[]> {
  // Said by the opposite. SQLite does not look into a NOT and reads the table, which has the rows of an agent side by side; by the
  // index of times they would come apart from each other, to be sorted again. PostgreSQL turns a NOT round: it knows how many
  // rows there will be, takes that index and sums up in memory, without sorting.
  const isNotBefore = sql<boolean>`not (at_ms < ${fromMs})`;
  const isNotPast = sql<boolean>`not (at_ms >= ${toMs})`;
  const others = executor
    .selectFrom('statistics_members')
    .select('member_id')
    .where('dimension', 'in', dimensionsOfFew);
  const rows = await executor
    .selectFrom(table)
    .select('member_id')
    .where(isNotBefore)
    .where(isNotPast)
    .groupBy('member_id')
    .having('member_id', 'not in', others)
    .orderBy(sql`sum(server_bytes + own_site_bytes + foreign_bytes + peer_bytes)`, 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.member_id);
}

/** By day or month. */
export async function totalPoints(
  executor: Executor,
  table: TotalTable,
  { fromMs, toMs }: TimeRange,
  members: readonly number[],
): Promise<MemberPoint[]> {
  const rows = await executor
    .selectFrom(table)
    .selectAll()
    .where('member_id', 'in', members)
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', toMs)
    .execute();
  return rows.map((row) => ({ memberId: row.member_id, atMs: row.at_ms, bytes: bytesOf(row) }));
}

export async function namesOfMembers(executor: Executor, ids: readonly number[]): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let first = 0; first < ids.length; first += 500) {
    const rows = await executor
      .selectFrom('statistics_members')
      .select(['member_id', 'name'])
      .where('member_id', 'in', ids.slice(first, first + 500))
      .execute();
    for (const row of rows) names.set(row.member_id, row.name);
  }
  return names;
}

export interface CrossedBytes {
  readonly siteMember: number;
  /** 0 where rows are sites. */
  readonly subnetMember: number;
  readonly packageMember: number;
  readonly bytes: number;
}

/** What came into sites from outside, by package. */
export async function crossedSums(
  executor: Executor,
  range: TimeRange,
  filters: FactFilters,
  per: 'site' | 'subnet',
): Promise<CrossedBytes[]> {
  const query = factsWhere(executor, 'traffic_hours', range, filters)
    .select(['site_id', 'package_id'])
    .where(({ or, eb }) => or([eb('server_bytes', '>', 0), eb('foreign_bytes', '>', 0)]))
    .select(sql<number>`cast(sum(server_bytes + foreign_bytes) as double precision)`.as('bytes'))
    .groupBy(['site_id', 'package_id']);
  if (per === 'site') {
    const rows = await query.execute();
    return rows.map((row) => ({
      siteMember: row.site_id,
      subnetMember: 0,
      packageMember: row.package_id,
      bytes: bounded(row.bytes),
    }));
  }
  const rows = await query.select('subnet_id').groupBy('subnet_id').execute();
  return rows.map((row) => ({
    siteMember: row.site_id,
    subnetMember: row.subnet_id,
    packageMember: row.package_id,
    bytes: bounded(row.bytes),
  }));
}

export interface ForeignSum {
  readonly key: PackageKey;
  readonly subnet: string;
  readonly siteId: string | null;
  readonly bytes: number;
}

/** What came into subnets from Package Servers of other sites, all that is kept, the last of the packages first. */
export async function foreignSums(executor: Executor, keys: readonly PackageKey[]): Promise<ForeignSum[]> {
  const sums: ForeignSum[] = [];
  for (const key of [...keys].reverse()) {
    const rows = await executor
      .selectFrom('traffic_hours as hour')
      .innerJoin('statistics_members as package', 'package.member_id', 'hour.package_id')
      .innerJoin('statistics_members as subnet', 'subnet.member_id', 'hour.subnet_id')
      .innerJoin('statistics_members as site', 'site.member_id', 'hour.site_id')
      .select(['subnet.name as subnet', 'site.name as site', sum('foreign_bytes').as('bytes')])
      .where('package.dimension', '=', 'package')
      .where('package.name', '=', key)
      .where('foreign_bytes', '>', 0)
      .groupBy(['subnet.name', 'site.name'])
      .execute();
    for (const { subnet, site, bytes } of rows) {
      sums.push({ key, subnet, siteId: site === '' ? null : site, bytes: bounded(bytes) });
    }
  }
  return sums;
}

function reasonsWhere(executor: Executor, range: TimeRange, filters: FactFilters) {
  const conditions = conditionsOf(range, filters);
  return conditions.reduce((query, condition) => query.where(...condition), executor.selectFrom('direct_reasons'));
}

/** Direct bytes from outside of the site that agents told with one reason. */
export async function crossedForReason(
  executor: Executor,
  range: TimeRange,
  filters: FactFilters,
  per: 'site' | 'subnet',
  reason: JournalReason,
): Promise<CrossedBytes[]> {
  const query = reasonsWhere(executor, range, filters)
    .where('reason', '=', reason)
    .where('source', '!=', 'package-server-own-site')
    .select(['site_id', 'package_id', sum('bytes').as('bytes')])
    .groupBy(['site_id', 'package_id']);
  const rows =
    per === 'site'
      ? (await query.execute()).map((row) => ({ ...row, subnet_id: 0 }))
      : await query.select('subnet_id').groupBy('subnet_id').execute();
  return rows.map((row) => ({
    siteMember: row.site_id,
    subnetMember: row.subnet_id,
    packageMember: row.package_id,
    bytes: bounded(row.bytes),
  }));
}

export interface ReasonSum {
  /** 0 where nothing is grouped by. */
  readonly memberId: number;
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly bytes: number;
}

export async function reasonSums(
  executor: Executor,
  range: TimeRange,
  filters: FactFilters,
  groupBy: FactDimension | null,
): Promise<ReasonSum[]> {
  const query = reasonsWhere(executor, range, filters)
    .select(['source', 'reason', sum('bytes').as('bytes')])
    .groupBy(['source', 'reason']);
  const rows =
    groupBy === null
      ? (await query.execute()).map((row) => ({ ...row, member_id: 0 }))
      : await query.select(`${columnOf[groupBy]} as member_id`).groupBy(columnOf[groupBy]).execute();
  return rows.map((row) => ({
    memberId: row.member_id,
    source: sourceKindSchema.parse(row.source),
    reason: journalReasonSchema.parse(row.reason),
    bytes: bounded(row.bytes),
  }));
}

export interface ClaimChange {
  readonly key: PackageKey;
  readonly subnet: string;
  readonly epoch: number;
  readonly agentId: AgentId;
  readonly change: 'claimed' | 'lost' | 'released' | 'completed';
  readonly atMs: number;
}

export interface ClaimFilters {
  readonly key?: PackageKey | undefined;
  readonly subnet?: string | undefined;
  readonly agentId?: AgentId | undefined;
}

const changes = ['claimed', 'lost', 'released', 'completed'] as const;

/** The last claims of a time, newest first. */
export async function claimsMade(
  executor: Executor,
  { fromMs, toMs }: TimeRange,
  { key, subnet, agentId }: ClaimFilters,
  limit: number,
): Promise<ClaimChange[]> {
  let query = executor
    .selectFrom('claims')
    .selectAll()
    .where('change', '=', 'claimed')
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', toMs);
  if (key !== undefined) query = query.where('package_key', '=', key);
  if (subnet !== undefined) query = query.where('subnet', '=', subnet);
  if (agentId !== undefined) query = query.where('agent_id', '=', agentId);
  const rows = await query.orderBy('at_ms', 'desc').orderBy('claim_id', 'desc').limit(limit).execute();
  return rows.map(claimOf);
}

/** How a claim ended; null: nothing was told of that. */
export async function endOfClaim(executor: Executor, claim: ClaimChange): Promise<ClaimChange | null> {
  const row = await executor
    .selectFrom('claims')
    .selectAll()
    .where('package_key', '=', claim.key)
    .where('subnet', '=', claim.subnet)
    .where('epoch', '>=', claim.epoch)
    .where('agent_id', '=', claim.agentId)
    .where('change', '!=', 'claimed')
    .where('at_ms', '>=', claim.atMs)
    .orderBy('at_ms')
    .orderBy('claim_id')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : claimOf(row);
}

function claimOf(row: Omit<Selectable<ClaimsTable>, 'claim_id'>): ClaimChange {
  return {
    key: row.package_key as PackageKey,
    subnet: row.subnet,
    epoch: row.epoch,
    agentId: row.agent_id as AgentId,
    change: changes.find((change) => change === row.change) ?? 'lost',
    atMs: row.at_ms,
  };
}

/** What an agent took of a package, all time, as it tells. */
export async function takenOf(
  executor: Executor,
  agentId: AgentId,
  key: PackageKey,
): Promise<{ readonly directBytes: number; readonly peerBytes: number }> {
  const rows = await executor
    .selectFrom('transfers')
    .select(['source', sum('bytes').as('bytes')])
    .where('agent_id', '=', agentId)
    .where('package_key', '=', key)
    .groupBy('source')
    .execute();
  const of = (isPeer: boolean): number =>
    rows.filter(({ source }) => (source === 'peer') === isPeer).reduce((bytes, row) => bytes + bounded(row.bytes), 0);
  return { directBytes: Math.min(mostBytes, of(false)), peerBytes: of(true) };
}
