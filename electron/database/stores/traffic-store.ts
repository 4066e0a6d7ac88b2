import { sql } from 'kysely';
import { mostBytes } from '../../../shared/base/byte-sums.ts';
import type {
  FactCell,
  ReasonCell,
  StatisticsCutoffs,
  TotalCell,
  TotalDimension,
  TrafficBytes,
  TrafficCells,
} from '../../../shared/contracts/statistics.ts';
import type { Executor } from './executor.ts';

/** The numbers of members by `memberName`. */
export type MemberIds = ReadonlyMap<string, number>;
export type FactTable = 'traffic_minutes' | 'traffic_hours';
export type TotalTable = 'traffic_days' | 'traffic_agent_days' | 'traffic_months';

const rowsPerStatement = 50;
const namesPerStatement = 200;

export function memberName(dimension: TotalDimension, name: string): string {
  return `${dimension} ${name}`;
}

/** Numbers of members, new ones for those that have none. A number is never given to another. */
export async function numberMembers(
  executor: Executor,
  dimension: TotalDimension,
  names: readonly string[],
): Promise<Map<string, number>> {
  const found = await findMembers(executor, dimension, names);
  const missing = names.filter((name) => !found.has(name));
  for (let first = 0; first < missing.length; first += namesPerStatement) {
    const rows = missing.slice(first, first + namesPerStatement).map((name) => ({ dimension, name }));
    await executor
      .insertInto('statistics_members')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['dimension', 'name']).doNothing())
      .executeTakeFirst();
  }
  for (const [name, id] of await findMembers(executor, dimension, missing)) found.set(name, id);
  return found;
}

/** Those that have a number. */
export async function findMembers(
  executor: Executor,
  dimension: TotalDimension,
  names: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let first = 0; first < names.length; first += namesPerStatement) {
    const rows = await executor
      .selectFrom('statistics_members')
      .select(['member_id', 'name'])
      .where('dimension', '=', dimension)
      .where('name', 'in', names.slice(first, first + namesPerStatement))
      .execute();
    for (const row of rows) found.set(row.name, row.member_id);
  }
  return found;
}

/** Adds cells to what is there. Every member has to have its number. */
export async function addCells(executor: Executor, cells: TrafficCells, ids: MemberIds): Promise<void> {
  await addFacts(executor, 'traffic_minutes', cells.minutes, ids);
  await addFacts(executor, 'traffic_hours', cells.hours, ids);
  await addTotals(executor, 'traffic_days', cells.days, ids);
  await addTotals(executor, 'traffic_agent_days', cells.agentDays, ids);
  await addTotals(executor, 'traffic_months', cells.months, ids);
  await addReasons(executor, cells.reasons, ids);
}

function idOf(ids: MemberIds, dimension: TotalDimension, name: string): number {
  const id = ids.get(memberName(dimension, name));
  if (id === undefined) throw new Error(`The ${dimension} "${name}" has no number in the statistics.`);
  return id;
}

function placeColumns({ siteId, subnet, key, policyId }: Omit<FactCell, 'bytes'>, ids: MemberIds) {
  return {
    site_id: idOf(ids, 'site', siteId ?? ''),
    subnet_id: idOf(ids, 'subnet', subnet),
    package_id: idOf(ids, 'package', key),
    policy_id: idOf(ids, 'policy', policyId),
  };
}

function byteColumns(bytes: TrafficBytes) {
  return {
    server_bytes: bytes.notificationServerBytes,
    own_site_bytes: bytes.ownPackageServerBytes,
    foreign_bytes: bytes.foreignPackageServerBytes,
    peer_bytes: bytes.peerBytes,
    fill_bytes: bytes.fillBytes,
  };
}

/** The column of the stored row and the new one, together; see `mostBytes`. */
function added(table: string, column: string) {
  const [stored, given] = [sql.ref(`${table}.${column}`), sql.ref(`excluded.${column}`)];
  const most = sql.lit(mostBytes);
  return sql<number>`CASE WHEN ${stored} + ${given} > ${most} THEN ${most} ELSE ${stored} + ${given} END`;
}

function addedBytes(table: FactTable | TotalTable) {
  return {
    server_bytes: added(table, 'server_bytes'),
    own_site_bytes: added(table, 'own_site_bytes'),
    foreign_bytes: added(table, 'foreign_bytes'),
    peer_bytes: added(table, 'peer_bytes'),
    fill_bytes: added(table, 'fill_bytes'),
  };
}

async function addFacts(executor: Executor, table: FactTable, cells: readonly FactCell[], ids: MemberIds) {
  for (let first = 0; first < cells.length; first += rowsPerStatement) {
    const rows = cells
      .slice(first, first + rowsPerStatement)
      .map((cell) => ({ at_ms: cell.atMs, ...placeColumns(cell, ids), ...byteColumns(cell.bytes) }));
    await executor
      .insertInto(table)
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['at_ms', 'site_id', 'subnet_id', 'package_id', 'policy_id']).doUpdateSet(addedBytes(table)),
      )
      .executeTakeFirst();
  }
}

async function addTotals(executor: Executor, table: TotalTable, cells: readonly TotalCell[], ids: MemberIds) {
  for (let first = 0; first < cells.length; first += rowsPerStatement) {
    const rows = cells.slice(first, first + rowsPerStatement).map(({ dimension, member, atMs, bytes }) => ({
      member_id: idOf(ids, dimension, member),
      at_ms: atMs,
      ...byteColumns(bytes),
    }));
    await executor
      .insertInto(table)
      .values(rows)
      .onConflict((conflict) => conflict.columns(['member_id', 'at_ms']).doUpdateSet(addedBytes(table)))
      .executeTakeFirst();
  }
}

async function addReasons(executor: Executor, cells: readonly ReasonCell[], ids: MemberIds) {
  for (let first = 0; first < cells.length; first += rowsPerStatement) {
    const rows = cells.slice(first, first + rowsPerStatement).map((cell) => ({
      at_ms: cell.atMs,
      ...placeColumns(cell, ids),
      source: cell.source,
      reason: cell.reason,
      bytes: Math.min(mostBytes, cell.bytes),
    }));
    await executor
      .insertInto('direct_reasons')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['at_ms', 'site_id', 'subnet_id', 'package_id', 'policy_id', 'source', 'reason'])
          .doUpdateSet({ bytes: added('direct_reasons', 'bytes') }),
      )
      .executeTakeFirst();
  }
}

/** What is older than its time, `limit` rows of each table at most; how many there were. */
export async function removeOldStatistics(
  executor: Executor,
  cutoffs: StatisticsCutoffs,
  limit: number,
): Promise<number> {
  let removed = 0;
  for (const [table, beforeMs] of [
    ['traffic_minutes', cutoffs.minutesMs],
    ['traffic_hours', cutoffs.hoursMs],
  ] as const) {
    const old = executor
      .selectFrom(table)
      .select(['at_ms', 'site_id', 'subnet_id', 'package_id', 'policy_id'])
      .where('at_ms', '<', beforeMs)
      .limit(limit);
    const result = await executor
      .deleteFrom(table)
      .where(
        ({ refTuple }) => refTuple('at_ms', 'site_id', 'subnet_id', 'package_id', 'policy_id'),
        'in',
        ({ parens }) => parens(old.$asTuple('at_ms', 'site_id', 'subnet_id', 'package_id', 'policy_id')),
      )
      .executeTakeFirst();
    removed += Number(result.numDeletedRows);
  }
  for (const [table, beforeMs] of [
    ['traffic_days', cutoffs.daysMs],
    ['traffic_agent_days', cutoffs.agentDaysMs],
    ['traffic_months', cutoffs.monthsMs],
  ] as const) {
    const old = executor.selectFrom(table).select(['member_id', 'at_ms']).where('at_ms', '<', beforeMs).limit(limit);
    const result = await executor
      .deleteFrom(table)
      .where(
        ({ refTuple }) => refTuple('member_id', 'at_ms'),
        'in',
        ({ parens }) => parens(old.$asTuple('member_id', 'at_ms')),
      )
      .executeTakeFirst();
    removed += Number(result.numDeletedRows);
  }
  const oldReasons = executor
    .selectFrom('direct_reasons')
    .select(['at_ms', 'site_id', 'subnet_id', 'package_id'])
    .where('at_ms', '<', cutoffs.hoursMs)
    .limit(limit);
  const reasons = await executor
    .deleteFrom('direct_reasons')
    .where(
      ({ refTuple }) => refTuple('at_ms', 'site_id', 'subnet_id', 'package_id'),
      'in',
      ({ parens }) => parens(oldReasons.$asTuple('at_ms', 'site_id', 'subnet_id', 'package_id')),
    )
    .executeTakeFirst();
  const oldClaims = executor.selectFrom('claims').select('claim_id').where('at_ms', '<', cutoffs.claimsMs).limit(limit);
  const claims = await executor.deleteFrom('claims').where('claim_id', 'in', oldClaims).executeTakeFirst();
  return removed + Number(reasons.numDeletedRows) + Number(claims.numDeletedRows);
}
