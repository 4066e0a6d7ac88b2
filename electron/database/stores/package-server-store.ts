import { sql } from 'kysely';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { PackageAssignment, PackageServerSettings } from '../../../shared/contracts/package-servers-api.ts';
import { packageAssignmentSchema, packageServerSettingsSchema } from '../../../shared/contracts/package-servers-api.ts';
import type { Executor } from './executor.ts';
import { countOf } from './executor.ts';

export interface StoredPackageServer extends PackageServerSettings {
  readonly agentId: AgentId;
  /** Null = the site of its address. */
  readonly siteId: string | null;
  readonly version: number;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

export async function loadPackageServers(executor: Executor): Promise<StoredPackageServer[]> {
  const rows = await executor.selectFrom('package_servers').selectAll().orderBy('agent_id').execute();
  return rows.map((row) => ({
    ...packageServerSettingsSchema.parse(JSON.parse(row.settings)),
    agentId: row.agent_id as AgentId,
    siteId: row.site_id,
    version: row.version,
    updatedAtMs: row.updated_at_ms,
    updatedBy: row.updated_by,
  }));
}

/** Of those that were given the site, sorted. */
export async function namesOfPackageServersAt(executor: Executor, siteId: string): Promise<string[]> {
  const rows = await executor
    .selectFrom('package_servers')
    .innerJoin('agents', 'agents.agent_id', 'package_servers.agent_id')
    .select('agents.name as name')
    .where('package_servers.site_id', '=', siteId)
    .execute();
  return rows.map(({ name }) => name).sort();
}

/** Fails where the agent is one already. */
export async function insertPackageServer(executor: Executor, server: StoredPackageServer): Promise<void> {
  await executor
    .insertInto('package_servers')
    .values({ agent_id: server.agentId, ...valuesOf(server) })
    .executeTakeFirst();
}

/** False where the stored version is not the one before. */
export async function updatePackageServer(executor: Executor, server: StoredPackageServer): Promise<boolean> {
  const result = await executor
    .updateTable('package_servers')
    .set(valuesOf(server))
    .where('agent_id', '=', server.agentId)
    .where('version', '=', server.version - 1)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deletePackageServer(executor: Executor, agentId: AgentId): Promise<void> {
  await executor.deleteFrom('package_servers').where('agent_id', '=', agentId).executeTakeFirst();
}

function valuesOf(server: StoredPackageServer) {
  return {
    site_id: server.siteId,
    settings: JSON.stringify(packageServerSettingsSchema.parse(server)),
    version: server.version,
    updated_at_ms: server.updatedAtMs,
    updated_by: server.updatedBy,
  };
}

/** Packages without one are fetched on demand. */
export async function loadPackageAssignments(executor: Executor): Promise<Map<PackageKey, PackageAssignment>> {
  const rows = await executor.selectFrom('package_assignments').selectAll().execute();
  return new Map(
    rows.map((row) => [row.package_key as PackageKey, packageAssignmentSchema.parse(JSON.parse(row.assignment))]),
  );
}

export async function savePackageAssignment(
  executor: Executor,
  key: PackageKey,
  assignment: PackageAssignment,
): Promise<void> {
  const values = { assignment: JSON.stringify(assignment) };
  await executor
    .insertInto('package_assignments')
    .values({ package_key: key, ...values })
    .onConflict((conflict) => conflict.column('package_key').doUpdateSet(values))
    .executeTakeFirst();
}

export interface ServedPortion {
  readonly key: PackageKey;
  /** Of who asked; null = Unassigned. */
  readonly siteId: string | null;
  readonly requests: number;
  readonly hits: number;
  readonly bytes: number;
}

/** Adds to what is stored. To be run in the transaction that stores the event it comes from. */
export async function addServed(
  executor: Executor,
  agentId: AgentId,
  portions: readonly ServedPortion[],
): Promise<void> {
  for (const { key, siteId, requests, hits, bytes } of portions) {
    await executor
      .insertInto('package_server_traffic')
      .values({ agent_id: agentId, package_key: key, site_id: siteId ?? '', requests, hits, bytes })
      .onConflict((conflict) =>
        conflict.columns(['agent_id', 'package_key', 'site_id']).doUpdateSet({
          requests: sql`package_server_traffic.requests + excluded.requests`,
          hits: sql`package_server_traffic.hits + excluded.hits`,
          bytes: sql`package_server_traffic.bytes + excluded.bytes`,
        }),
      )
      .executeTakeFirst();
  }
}

/** Most bytes first. */
export async function servedBy(executor: Executor, agentId: AgentId): Promise<ServedPortion[]> {
  const rows = await executor
    .selectFrom('package_server_traffic')
    .selectAll()
    .where('agent_id', '=', agentId)
    .orderBy('bytes', 'desc')
    .limit(10_000)
    .execute();
  return rows.map((row) => ({
    key: row.package_key as PackageKey,
    siteId: row.site_id === '' ? null : row.site_id,
    requests: row.requests,
    hits: row.hits,
    bytes: row.bytes,
  }));
}

export type ServedSum = Omit<ServedPortion, 'key' | 'siteId'>;

/** All time, of every Package Server that served anything. */
export async function loadServedSums(executor: Executor): Promise<Map<AgentId, ServedSum>> {
  const rows = await executor
    .selectFrom('package_server_traffic')
    .select(['agent_id', (build) => build.fn.sum('requests').as('requests')])
    .select((build) => [build.fn.sum('hits').as('hits'), build.fn.sum('bytes').as('bytes')])
    .groupBy('agent_id')
    .execute();
  return new Map(
    rows.map((row) => [
      row.agent_id as AgentId,
      { requests: countOf(row.requests), hits: countOf(row.hits), bytes: countOf(row.bytes) },
    ]),
  );
}

/** What each Package Server took from others, all time: for its site, and for itself. */
export async function loadFetchedSums(executor: Executor): Promise<Map<AgentId, number>> {
  const rows = await executor
    .selectFrom('transfers')
    .innerJoin('package_servers', 'package_servers.agent_id', 'transfers.agent_id')
    .select(['transfers.agent_id as agent_id', (build) => build.fn.sum('transfers.bytes').as('bytes')])
    .groupBy('transfers.agent_id')
    .execute();
  return new Map(rows.map((row) => [row.agent_id as AgentId, countOf(row.bytes)]));
}
