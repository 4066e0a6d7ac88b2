import type { PackageGuid, PackageKey } from '../base/ids.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';

/** Which package it is, as far as it is known before its snapshot is. */
export interface PackageSubject {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly name: string;
  readonly priority: DeliveryPriority;
  readonly totalSizeBytes: number;
  /** Somebody asked for it by this name, and nothing else is known of it: it may not exist. */
  readonly isHearsay?: boolean;
}
