import type { PackageKey } from '../base/ids.ts';

/** A package that takes room on the disk of this computer. */
export interface KeptPackage {
  readonly key: PackageKey;
  readonly heldBytes: number;
  /** Wall time: fetched, installed, or asked for by a peer. */
  readonly lastUsedMs: number;
  /** `fetching`: never deleted. `missing`: assigned and not complete, never deleted either. */
  readonly need: 'fetching' | 'missing' | 'delivered' | 'installed' | 'unassigned';
}

export interface DiskFacts {
  readonly freeBytes: number;
  /** The whole disk. */
  readonly diskBytes: number;
  /** What this agent's packages take of it. */
  readonly usedBytes: number;
}

export interface DiskLimits {
  readonly minFreeBytes: number;
  /** 0 … 1, of the whole disk. */
  readonly maxCacheShare: number;
}

export interface Shortfall {
  /** So much has to be deleted before the room is there. */
  readonly bytes: number;
  readonly because: 'disk' | 'cache';
}

/** Who goes first where room is needed: what nobody asked for, then what has served its purpose. */
const deletionOrder: { readonly [Need in KeptPackage['need']]: number | null } = {
  unassigned: 0,
  installed: 1,
  delivered: 2,
  missing: null,
  fetching: null,
};

/** What is missing for `neededBytes` more; null where there is room. */
export function shortfallOf(facts: DiskFacts, limits: DiskLimits, neededBytes: number): Shortfall | null {
  const ofDisk = limits.minFreeBytes + neededBytes - facts.freeBytes;
  const ofCache = facts.usedBytes + neededBytes - Math.floor(facts.diskBytes * limits.maxCacheShare);
  if (ofDisk <= 0 && ofCache <= 0) return null;
  return ofDisk >= ofCache ? { bytes: ofDisk, because: 'disk' } : { bytes: ofCache, because: 'cache' };
}

/** What to delete for `bytes` of room, in order; less where that is all there is. */
export function packagesToDelete(
  kept: readonly KeptPackage[],
  bytes: number,
): { readonly keys: readonly PackageKey[]; readonly isEnough: boolean } {
  const keys: PackageKey[] = [];
  let freedBytes = 0;
  for (const { key, heldBytes } of deletable(kept)) {
    if (freedBytes >= bytes) break;
    if (heldBytes === 0) continue;
    keys.push(key);
    freedBytes += heldBytes;
  }
  return { keys, isEnough: freedBytes >= bytes };
}

/** What was unused for too long. A time in the future counts as now: somebody has set the clock back. */
export function unusedPackages(kept: readonly KeptPackage[], nowMs: number, keepMs: number): PackageKey[] {
  return deletable(kept)
    .filter(({ lastUsedMs }) => nowMs - lastUsedMs >= keepMs)
    .map(({ key }) => key);
}

function deletable(kept: readonly KeptPackage[]): KeptPackage[] {
  return kept
    .filter(({ need }) => deletionOrder[need] !== null)
    .sort(
      (a, b) =>
        (deletionOrder[a.need] ?? 0) - (deletionOrder[b.need] ?? 0) ||
        a.lastUsedMs - b.lastUsedMs ||
        (a.key < b.key ? -1 : 1),
    );
}

/** A shortfall as helpdesk staff read it. */
export function shortfallSentence(shortfall: Shortfall, limits: DiskLimits): string {
  const missing = sizeWords(shortfall.bytes);
  if (shortfall.because === 'cache') {
    const percent = Math.round(limits.maxCacheShare * 100);
    return `Waits for room: packages may take ${percent} % of the disk here, and this one needs ${missing} more.`;
  }
  const kept = limits.minFreeBytes === 0 ? '' : `, ${sizeWords(limits.minFreeBytes)} being kept free by the policy`;
  return `Waits for room: ${missing} more have to become free on the disk${kept}.`;
}

function sizeWords(bytes: number): string {
  if (bytes >= 1e9) return `${(Math.ceil(bytes / 1e8) / 10).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.ceil(bytes / 1e6)} MB`;
  return `${Math.max(1, Math.ceil(bytes / 1e3))} KB`;
}
