import type { AgentInput } from '../agent/agent-input.ts';
import type { PackageManifest } from '../agent/ports.ts';
import { BlockSet } from '../base/block-set.ts';
import type { PackageKey } from '../base/ids.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { JournalEntry } from '../contracts/journal.ts';

export interface StoredPackage {
  readonly manifest: PackageManifest;
  readonly blocks: BlockSet;
  /** Has room on the disk: blocks may be written. */
  isOpen: boolean;
  isFinished: boolean;
}

/** What outlives an agent's process: packages, the last configuration, the journal and the counters. It keeps no bytes. */
export class SimulatedDisk {
  readonly #packages = new Map<PackageKey, StoredPackage>();
  readonly journal: JournalEntry[] = [];
  configuration: AgentConfiguration | null = null;
  configurationVersion = 0;
  nextEventSequence = 1;
  nextJournalSequence = 0;

  /** Keeps a signed snapshot; what is there already stays. */
  keepManifest(manifest: PackageManifest): void {
    if (this.#packages.has(manifest.key)) return;
    const blocks = new BlockSet(manifest.blockCount);
    this.#packages.set(manifest.key, { manifest, blocks, isOpen: false, isFinished: false });
  }

  find(key: PackageKey): StoredPackage | null {
    return this.#packages.get(key) ?? null;
  }

  drop(key: PackageKey): void {
    this.#packages.delete(key);
  }

  holds(key: PackageKey, block: number): boolean {
    return this.#packages.get(key)?.blocks.has(block) ?? false;
  }

  get packages(): readonly StoredPackage[] {
    return [...this.#packages.values()];
  }

  /** What a starting agent finds. */
  restored(): Extract<AgentInput, { readonly kind: 'started' }>['restored'] {
    return this.packages.map(({ manifest, blocks, isFinished }) => ({
      manifest,
      blocks: blocks.clone(),
      finished: isFinished,
    }));
  }

  appendJournal(entry: JournalEntry, keepEntries: number): void {
    this.nextJournalSequence = Math.max(this.nextJournalSequence, entry.sequence + 1);
    this.journal.push(entry);
    if (this.journal.length > keepEntries) this.journal.splice(0, this.journal.length - keepEntries);
  }
}
