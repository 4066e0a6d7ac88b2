import { sql } from 'kysely';
import type { PackageKey } from '../../../shared/base/ids.ts';
import type { PackageState } from '../../../shared/contracts/package-state.ts';
import type { Executor } from './executor.ts';
import { countOf } from './executor.ts';

/** By how many agents more or fewer had a package at the end of the minute than at its beginning. */
export interface PackageChange {
  readonly atMs: number;
  readonly ready: number;
  readonly installed: number;
  readonly failed: number;
}

const minuteMs = 60_000;

/** To be run in the transaction that stores the new state, before it does. `before`: null = nothing was told of it. */
export async function addPackageChange(
  executor: Executor,
  { key, state, atMs }: { readonly key: PackageKey; readonly state: PackageState; readonly atMs: number },
  before: PackageState | null,
): Promise<void> {
  const ready = isOnDisk(state) - isOnDisk(before);
  const installed = Number(state === 'installed') - Number(before === 'installed');
  const failed = Number(state === 'failed') - Number(before === 'failed');
  if (ready === 0 && installed === 0 && failed === 0) return;
  await executor
    .insertInto('package_changes')
    .values({ package_key: key, at_ms: atMs - (atMs % minuteMs), ready, installed, failed })
    .onConflict((conflict) =>
      conflict.columns(['package_key', 'at_ms']).doUpdateSet({
        ready: sql`package_changes.ready + excluded.ready`,
        installed: sql`package_changes.installed + excluded.installed`,
        failed: sql`package_changes.failed + excluded.failed`,
      }),
    )
    .executeTakeFirst();
}

/** Of all time before `atMs`. */
export async function packageChangeBefore(
  executor: Executor,
  key: PackageKey,
  atMs: number,
): Promise<Omit<PackageChange, 'atMs'>> {
  const row = await executor
    .selectFrom('package_changes')
    .select((build) => [
      build.fn.sum('ready').as('ready'),
      build.fn.sum('installed').as('installed'),
      build.fn.sum('failed').as('failed'),
    ])
    .where('package_key', '=', key)
    .where('at_ms', '<', atMs)
    .executeTakeFirst();
  return { ready: countOf(row?.ready), installed: countOf(row?.installed), failed: countOf(row?.failed) };
}

/** Oldest first. */
export async function packageChanges(
  executor: Executor,
  key: PackageKey,
  fromMs: number,
  toMs: number,
): Promise<PackageChange[]> {
  const rows = await executor
    .selectFrom('package_changes')
    .select(['at_ms as atMs', 'ready', 'installed', 'failed'])
    .where('package_key', '=', key)
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', toMs)
    .orderBy('at_ms')
    .execute();
  return rows;
}

function isOnDisk(state: PackageState | null): number {
  return state === 'ready' || state === 'installing' || state === 'installed' ? 1 : 0;
}
