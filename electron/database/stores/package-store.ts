import type { PackageGuid, PackageKey } from '../../../shared/base/ids.ts';
import type { Executor } from './executor.ts';

export interface StoredPackage {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly name: string;
  readonly files: number;
  readonly totalSizeBytes: number;
  readonly blockCount: number;
  readonly createdAtMs: number;
  readonly withdrawnAtMs: number | null;
}

/** Newest first. */
export async function loadPackages(executor: Executor): Promise<StoredPackage[]> {
  const rows = await executor
    .selectFrom('packages')
    .selectAll()
    .orderBy('created_at_ms', 'desc')
    .orderBy('package_key')
    .execute();
  return rows.map((row) => ({
    key: row.package_key as PackageKey,
    guid: row.guid as PackageGuid,
    version: row.version,
    name: row.name,
    files: row.file_count,
    totalSizeBytes: row.total_size_bytes,
    blockCount: row.block_count,
    createdAtMs: row.created_at_ms,
    withdrawnAtMs: row.withdrawn_at_ms,
  }));
}

export async function insertPackage(executor: Executor, stored: StoredPackage): Promise<void> {
  await executor
    .insertInto('packages')
    .values({
      package_key: stored.key,
      guid: stored.guid,
      version: stored.version,
      name: stored.name,
      file_count: stored.files,
      total_size_bytes: stored.totalSizeBytes,
      block_count: stored.blockCount,
      created_at_ms: stored.createdAtMs,
      withdrawn_at_ms: stored.withdrawnAtMs,
    })
    .executeTakeFirst();
}

/** The first withdrawal counts; a second one changes nothing. */
export async function markWithdrawn(executor: Executor, key: PackageKey, atMs: number): Promise<void> {
  await executor
    .updateTable('packages')
    .set({ withdrawn_at_ms: atMs })
    .where('package_key', '=', key)
    .where('withdrawn_at_ms', 'is', null)
    .executeTakeFirst();
}
