import type { PackageManifest } from '../agent/ports.ts';
import { packageKeyOf } from '../base/hashing.ts';
import type { PackageGuid, PackageKey } from '../base/ids.ts';
import { BLOCK_SIZE_BYTES, blockCountOf } from '../base/units.ts';
import type { PackagePlan } from './simulation-plan.ts';

export interface CataloguePackage {
  readonly manifest: PackageManifest;
  readonly plan: PackagePlan;
  isDelivered: boolean;
  /** Each time by a delivery of its own: one that was taken back does not come back. */
  timesDelivered: number;
  isWithdrawn: boolean;
}

/** The packages of a simulation, made up from the plan. */
export function catalogueOf(plans: readonly PackagePlan[]): CataloguePackage[] {
  return plans.map((plan, index) => {
    const guid = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}` as PackageGuid;
    const version = '1.0';
    const manifest: PackageManifest = {
      key: packageKeyOf(guid, version),
      guid,
      version,
      name: `Package ${index + 1}`,
      totalSizeBytes: plan.totalSizeBytes,
      blockSizeBytes: BLOCK_SIZE_BYTES,
      blockCount: blockCountOf(plan.totalSizeBytes, BLOCK_SIZE_BYTES),
    };
    return { manifest, plan, isDelivered: false, timesDelivered: 0, isWithdrawn: false };
  });
}

export function findByKey(catalogue: readonly CataloguePackage[], key: PackageKey): CataloguePackage | null {
  return catalogue.find(({ manifest }) => manifest.key === key) ?? null;
}
