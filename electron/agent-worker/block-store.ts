import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { PackageManifest } from '../../shared/agent/ports.ts';
import type { BlockSet } from '../../shared/base/block-set.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import { isPackageKey } from '../../shared/base/ids.ts';
import type { SignedSnapshot, Snapshot } from '../../shared/contracts/snapshot.ts';
import { messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';
import { isNotThere, syncFolder, writeFileDurably } from './durable-files.ts';
import { LostBlocks } from './lost-blocks.ts';
import { OpenFiles } from './open-files.ts';
import type { RetiredDelivery } from './retired-deliveries.ts';
import { RetiredDeliveries } from './retired-deliveries.ts';
import { checkSnapshot } from './signed-snapshot.ts';
import { manifestOf, StoredPackage } from './stored-package.ts';

export interface RestoredPackage {
  readonly manifest: PackageManifest;
  readonly blocks: BlockSet;
  readonly finished: boolean;
  readonly lastUsedMs: number | null;
}

export interface DiskUse {
  readonly freeBytes: number;
  /** The whole disk. */
  readonly diskBytes: number;
  /** By the packages of this store. */
  readonly usedBytes: number;
}

/** Folders that are being deleted: what a crash leaves of them goes at the next start. */
const droppedPrefix = '.dropped-';

/** The packages of one agent, a folder each, named by key. Nobody else writes there. */
export class BlockStore {
  readonly #folder: string;
  readonly #snapshotKey: KeyObject;
  readonly #logger: AgentLogger;
  readonly #openFiles = new OpenFiles();
  readonly #packages = new Map<PackageKey, StoredPackage>();
  readonly #retired: RetiredDeliveries;
  /** A package comes and goes in turn: one that is kept anew begins once its folder is out of the way. They never reject. */
  readonly #lastChange = new Map<PackageKey, Promise<unknown>>();
  #dropCount = 0;
  readonly #lost = new LostBlocks((key, blocks) => this.#tellLost(key, blocks));
  /** Blocks that were held were found to be gone, or damaged; at most every two seconds a package. */
  onBlocksLost: (key: PackageKey, blocks: readonly number[]) => void = () => undefined;

  constructor(folder: string, snapshotKey: KeyObject, logger: AgentLogger) {
    this.#folder = folder;
    this.#retired = new RetiredDeliveries(path.join(folder, 'retired.json'));
    this.#snapshotKey = snapshotKey;
    this.#logger = logger;
  }

  /** What a former life left, every snapshot checked again. Throws where the folder cannot be used. */
  async restore(): Promise<RestoredPackage[]> {
    await mkdir(this.#folder, { recursive: true });
    await this.#retired.restore();
    const names = (await readdir(this.#folder)).sort();
    for (const name of names) {
      if (name.startsWith(droppedPrefix)) await rm(path.join(this.#folder, name), { recursive: true, force: true });
      // A crash came between the note that it is to go and its going.
      else if (isPackageKey(name) && this.#retired.has(name))
        await rm(path.join(this.#folder, name), { recursive: true });
      else if (isPackageKey(name)) await this.#restorePackage(name);
    }
    const restored: RestoredPackage[] = [];
    for (const stored of this.#packages.values()) {
      restored.push({
        manifest: stored.manifest,
        blocks: stored.blocks.clone(),
        finished: stored.isFinished,
        lastUsedMs: await stored.lastUsedMs(),
      });
    }
    return restored;
  }

  find(key: PackageKey): StoredPackage | undefined {
    return this.#packages.get(key);
  }

  /** Null, and forgotten, where somebody has deleted its folder or the snapshot in it. Throws on disk errors. */
  findOnDisk(key: PackageKey): Promise<StoredPackage | null> {
    return this.#inTurn(key, async () => {
      const stored = this.#packages.get(key);
      if (stored === undefined || (await stored.isThere())) return stored ?? null;
      this.#logger.warn({ key }, 'a stored package is gone from the disk');
      await this.#delete(key, stored);
      return null;
    });
  }

  all(): readonly StoredPackage[] {
    return [...this.#packages.values()];
  }

  /** Keeps a snapshot that was checked; the package is known from then on. Throws on disk errors. */
  keepSnapshot(snapshot: Snapshot, signed: SignedSnapshot): Promise<StoredPackage> {
    const { key } = manifestOf(snapshot);
    return this.#inTurn(key, async () => {
      const known = this.#packages.get(key);
      if (known !== undefined) return known;
      // First: from now on the folder stands for a delivery that is still wanted.
      await this.#retired.remove(key);
      const folder = path.join(this.#folder, key);
      await mkdir(folder, { recursive: true });
      await writeFileDurably(path.join(folder, 'snapshot.json'), JSON.stringify(signed));
      await syncFolder(this.#folder);
      const stored = this.#packageIn(folder, snapshot);
      this.#packages.set(key, stored);
      return stored;
    });
  }

  /** Forgets and deletes a package, one that is not there too. Throws on disk errors. */
  drop(key: PackageKey): Promise<void> {
    return this.#inTurn(key, async () => {
      const stored = this.#packages.get(key);
      if (stored === undefined) await this.#retired.remove(key);
      else await this.#delete(key, stored);
    });
  }

  /** Deletes a package, and remembers that its delivery was fulfilled. Throws on disk errors. */
  retire(key: PackageKey, deliveryId: string): Promise<void> {
    return this.#inTurn(key, async () => {
      const isNoted = await this.#retired.add(key, deliveryId).then(
        () => true,
        () => false,
      );
      const stored = this.#packages.get(key);
      if (stored !== undefined) await this.#delete(key, stored);
      // A full disk may have room for the note only now.
      if (!isNoted) await this.#retired.add(key, deliveryId);
    });
  }

  get retired(): readonly RetiredDelivery[] {
    return this.#retired.all;
  }

  /** Of the disk and of what the packages take of it. Throws on disk errors. */
  async measure(): Promise<DiskUse> {
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const usedBytes = this.all().reduce((sum, stored) => sum + stored.usedBytes, 0);
    return { freeBytes: bavail * bsize, diskBytes: blocks * bsize, usedBytes };
  }

  async noteUse(key: PackageKey, atWallMs: number): Promise<void> {
    await this.#packages.get(key)?.noteUse(atWallMs);
  }

  async close(): Promise<void> {
    this.#lost.close();
    for (const stored of this.#packages.values()) await stored.close();
  }

  #inTurn<Value>(key: PackageKey, change: () => Promise<Value>): Promise<Value> {
    const changed = (this.#lastChange.get(key) ?? Promise.resolve()).then(change);
    const ended = changed.catch(() => undefined);
    this.#lastChange.set(key, ended);
    void ended.then(() => {
      if (this.#lastChange.get(key) === ended) this.#lastChange.delete(key);
    });
    return changed;
  }

  #packageIn(folder: string, snapshot: Snapshot): StoredPackage {
    const { key } = manifestOf(snapshot);
    return new StoredPackage(folder, snapshot, this.#openFiles, (block) => this.#lost.note(key, block));
  }

  #tellLost(key: PackageKey, blocks: readonly number[]): void {
    const stored = this.#packages.get(key);
    // Some may have come again meanwhile.
    const lost = blocks.filter((block) => stored?.blocks.has(block) === false);
    if (lost.length > 0) this.onBlocksLost(key, lost);
  }

  async #delete(key: PackageKey, stored: StoredPackage): Promise<void> {
    this.#packages.delete(key);
    await stored.close();
    // Renamed first: half of a package must never be found again.
    const dropped = path.join(this.#folder, `${droppedPrefix}${process.pid}-${this.#dropCount++}-${key}`);
    try {
      await rename(stored.folder, dropped);
    } catch (error) {
      if (isNotThere(error)) return;
      throw error;
    }
    await syncFolder(this.#folder);
    await rm(dropped, { recursive: true, force: true });
  }

  async #restorePackage(key: PackageKey): Promise<void> {
    const folder = path.join(this.#folder, key);
    try {
      const text = await readFile(path.join(folder, 'snapshot.json'), 'utf8');
      const checked = checkSnapshot(JSON.parse(text), this.#snapshotKey);
      const isThisPackage = checked.ok && manifestOf(checked.snapshot).key === key;
      if (!isThisPackage) throw new Error(checked.ok ? 'the snapshot is of another package' : checked.detail);
      const stored = this.#packageIn(folder, checked.snapshot);
      await stored.restore();
      this.#packages.set(key, stored);
    } catch (error) {
      // Without a valid snapshot not one byte of it can be trusted: the package is fetched anew.
      this.#logger.warn({ key, reason: messageOf(error) }, 'a stored package was discarded');
      await rm(folder, { recursive: true, force: true });
    }
  }
}
