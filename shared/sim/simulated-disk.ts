import type { AgentInput } from '../agent/agent-input.ts';
import type { PackageManifest } from '../agent/ports.ts';
import { BlockSet } from '../base/block-set.ts';
import type { PackageKey } from '../base/ids.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { InstallationRecord } from '../contracts/deliveries.ts';
import type { JournalEntry } from '../contracts/journal.ts';

export interface StoredPackage {
  readonly manifest: PackageManifest;
  readonly blocks: BlockSet;
  /** Has room on the disk: blocks may be written. */
  isOpen: boolean;
  isFinished: boolean;
  lastUsedMs: number | null;
}

/** Where a plan says nothing: more than everything that is ever delivered. */
const ampleDiskBytes = 1e15;

/** What outlives an agent's process: packages, the last configuration, the journal and the counters. It keeps no bytes, only their sum. */
export class SimulatedDisk {
  readonly #packages = new Map<PackageKey, StoredPackage>();
  readonly #retired = new Map<PackageKey, string>();
  readonly #fetchedAgain = new Set<PackageKey>();
  readonly installations: Map<string, InstallationRecord> = new Map();
  /** Delivery, round and try of every command that ever ran. */
  readonly startedCommands = new Set<string>();
  readonly journal: JournalEntry[] = [];
  keepsJournal = true;
  sizeBytes = ampleDiskBytes;
  /** What others have on it. */
  foreignBytes = 0;
  configuration: AgentConfiguration | null = null;
  configurationVersion = 0;
  nextEventSequence = 1;
  nextJournalSequence = 0;

  /** Keeps a signed snapshot; what is there already stays. */
  keepManifest(manifest: PackageManifest): void {
    if (this.#packages.has(manifest.key)) return;
    if (this.#retired.delete(manifest.key)) this.#fetchedAgain.add(manifest.key);
    const blocks = new BlockSet(manifest.blockCount);
    this.#packages.set(manifest.key, { manifest, blocks, isOpen: false, isFinished: false, lastUsedMs: null });
  }

  find(key: PackageKey): StoredPackage | null {
    return this.#packages.get(key) ?? null;
  }

  /** Every so manieth block of each package is gone; which ones were there. */
  damage(everyNthBlock: number): readonly { readonly key: PackageKey; readonly blocks: readonly number[] }[] {
    return this.packages.flatMap((stored) => {
      const blocks: number[] = [];
      for (let block = 0; block < stored.blocks.size; block += everyNthBlock) {
        if (stored.blocks.has(block)) blocks.push(block);
      }
      for (const block of blocks) stored.blocks.delete(block);
      if (blocks.length === 0) return [];
      stored.isFinished = false;
      return [{ key: stored.manifest.key, blocks }];
    });
  }

  drop(key: PackageKey): void {
    this.#packages.delete(key);
    this.#retired.delete(key);
    this.#fetchedAgain.delete(key);
  }

  retire(key: PackageKey, deliveryId: string): void {
    this.#packages.delete(key);
    this.#retired.set(key, deliveryId);
  }

  /** It was delivered here and deleted since, whether it is fetched again for others or not. */
  isRetired(key: PackageKey): boolean {
    return this.#retired.has(key) || this.#fetchedAgain.has(key);
  }

  /** Deliveries begin anew: what is fetched now is fetched for them. */
  forgetFetchedAgain(): void {
    this.#fetchedAgain.clear();
  }

  noteUse(key: PackageKey, atWallMs: number): void {
    const stored = this.#packages.get(key);
    if (stored !== undefined) stored.lastUsedMs = atWallMs;
  }

  get facts(): { readonly freeBytes: number; readonly diskBytes: number; readonly usedBytes: number } {
    const usedBytes = this.packages.reduce((sum, { manifest, blocks }) => {
      return sum + Math.min(blocks.count * manifest.blockSizeBytes, manifest.totalSizeBytes);
    }, 0);
    const freeBytes = Math.max(0, this.sizeBytes - this.foreignBytes - usedBytes);
    return { freeBytes, diskBytes: this.sizeBytes, usedBytes };
  }

  holds(key: PackageKey, block: number): boolean {
    return this.#packages.get(key)?.blocks.has(block) ?? false;
  }

  get packages(): readonly StoredPackage[] {
    return [...this.#packages.values()];
  }

  get retired(): Extract<AgentInput, { readonly kind: 'started' }>['retired'] {
    return [...this.#retired].map(([key, deliveryId]) => ({ key, deliveryId }));
  }

  /** What a starting agent finds. */
  restored(): Extract<AgentInput, { readonly kind: 'started' }>['restored'] {
    return this.packages.map(({ manifest, blocks, isFinished, lastUsedMs }) => ({
      manifest,
      blocks: blocks.clone(),
      finished: isFinished,
      lastUsedMs,
    }));
  }

  appendJournal(entry: JournalEntry, keepEntries: number): void {
    this.nextJournalSequence = Math.max(this.nextJournalSequence, entry.sequence + 1);
    if (!this.keepsJournal) return;
    this.journal.push(entry);
    if (this.journal.length > keepEntries) this.journal.splice(0, this.journal.length - keepEntries);
  }
}
