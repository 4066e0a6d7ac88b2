import { createHash } from 'node:crypto';
import { access, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageManifest } from '../../shared/agent/ports.ts';
import { assert } from '../../shared/base/assert.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import { blockLengthBytes } from '../../shared/base/units.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';
import { BlockJournal } from './block-journal.ts';
import type { DiskFailure } from './durable-files.ts';
import { diskFailureOf, isNotThere, isTooManyOpen, syncFolder, writeFileDurably } from './durable-files.ts';
import type { OpenFiles } from './open-files.ts';
import { PackageFiles } from './package-files.ts';
import { giveBuffer, takeBuffer } from './reused-buffers.ts';

export function manifestOf(snapshot: Snapshot): PackageManifest {
  return {
    key: packageKeyOf(snapshot.guid, snapshot.version),
    guid: snapshot.guid,
    version: snapshot.version,
    name: snapshot.name,
    totalSizeBytes: snapshot.totalSizeBytes,
    blockSizeBytes: snapshot.blockSizeBytes,
    blockCount: snapshot.blockHashes.length,
  };
}

interface PendingBit {
  readonly block: number;
  readonly done: (result: Result<void, DiskFailure>) => void;
}

/**
 * One package on disk: `part/` with its files while it is incomplete, `blocks.journal` with the verified blocks, `files/`
 * once it is whole, and `finished`, written last.
 *
 * Invariant 1: a bit is in the journal, and in `blocks`, only after its block is on the disk.
 * Invariant 2: `finished` is there only after every file is in place.
 * Invariant 3: no file in `part/` is made anew while the journal says that it holds blocks.
 * Invariant 4: a block of a former life is read and hashed again before it is served and before the package is finished: a
 * disk that lost it all the same, or changed it, is found out.
 * Invariant 5: every file is there with its size when the package is finished, whoever has tidied up meanwhile.
 * Invariant 6: a block that is found to be gone or damaged is held no longer, from a finished package too; opened again, that
 * is an incomplete one.
 */
export class StoredPackage {
  readonly snapshot: Snapshot;
  readonly manifest: PackageManifest;
  readonly folder: string;
  /** Verified blocks that are durable. */
  readonly blocks: BlockSet;
  isFinished = false;
  /** Blocks of a former life that were not read again in this one. */
  readonly #unchecked: BlockSet;
  readonly #files: PackageFiles;
  #journal: BlockJournal | null = null;
  /** Blocks on their way to the disk: one that comes twice at a time is written once. */
  readonly #writing = new Map<number, Promise<Result<void, DiskFailure>>>();
  #pendingBits: PendingBit[] = [];
  #isCommitting = false;
  /** The journal is opened, and blocks are taken out of it, one after the other. Never rejects. */
  #lastJournalWork: Promise<unknown> = Promise.resolve();
  readonly #lost: (block: number) => void;

  /** `lost`: a block is held no longer. */
  constructor(
    folder: string,
    snapshot: Snapshot,
    openFiles: OpenFiles,
    lost: (block: number) => void = () => undefined,
  ) {
    this.#lost = lost;
    this.folder = folder;
    this.snapshot = snapshot;
    this.manifest = manifestOf(snapshot);
    this.blocks = new BlockSet(snapshot.blockHashes.length);
    this.#unchecked = new BlockSet(snapshot.blockHashes.length);
    this.#files = new PackageFiles(folder, snapshot, openFiles);
  }

  /** Reads what a former life left; looks at sizes, reads no content (see invariant 4). Throws on disk errors. */
  async restore(): Promise<void> {
    await this.#restore();
    this.#unchecked.addAll(this.blocks);
  }

  async #restore(): Promise<void> {
    const hasMarker = await exists(this.#path('finished'));
    if (hasMarker && (await this.#files.findPlaced())) {
      this.#becomeFinished();
      return;
    }
    if (hasMarker) await rm(this.#path('finished'));
    const journalled = await this.#journalledBlocks();
    if (!hasMarker && journalled.isFull && (await this.#files.findPlaced())) {
      // The crash came between the last file and the marker.
      await this.#writeMarker();
      return;
    }
    await this.#files.takeBack();
    const kept = journalled.clone();
    for (const block of await this.#files.blocksWithoutFile()) kept.delete(block);
    if (kept.count < journalled.count) await BlockJournal.replace(this.#path('blocks.journal'), this.snapshot, kept);
    this.blocks.addAll(kept);
  }

  /** False where somebody has deleted its folder, or the snapshot in it. Throws on disk errors. */
  async isThere(): Promise<boolean> {
    try {
      await access(this.#path('snapshot.json'));
      return true;
    } catch (error) {
      if (isNotThere(error)) return false;
      throw error;
    }
  }

  /** Wall time of the last use; null where it was never noted. */
  async lastUsedMs(): Promise<number | null> {
    const text = await readFile(this.#path('last-used'), 'utf8').catch(() => '');
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  /** Not synced: what a power failure forgets is nothing against the days that packages are kept. */
  async noteUse(atWallMs: number): Promise<void> {
    await writeFile(this.#path('last-used'), String(Math.round(atWallMs)));
  }

  /** Makes ready to write, where the missing blocks have room. Idempotent. */
  async open(): Promise<Result<BlockSet, DiskFailure>> {
    if (this.isFinished && this.blocks.isFull) return ok(this.blocks.clone());
    try {
      const wasUsed = this.isFinished || this.#journal !== null;
      if (this.isFinished) await this.#becomeIncomplete();
      const problem = await this.#problemOfRoom();
      if (problem !== null) return err(problem);
      await this.#openJournal();
      // The first time nobody has been at the files since they were looked at.
      if (wasUsed) await this.takeBackLost();
      return ok(this.blocks.clone());
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  /** `parts` together are block `block`, verified. Resolves when block and bit are durable. */
  writeBlock(block: number, parts: readonly Uint8Array[]): Promise<Result<void, DiskFailure>> {
    const underWay = this.#writing.get(block);
    if (underWay !== undefined) return underWay;
    const writing = this.#writeBlock(block, parts).finally(() => this.#writing.delete(block));
    this.#writing.set(block, writing);
    return writing;
  }

  blockLength(block: number): number {
    return blockLengthBytes(block, this.snapshot.totalSizeBytes, this.snapshot.blockSizeBytes);
  }

  /** Where its files lie once it is finished. */
  get filesFolder(): string {
    return this.#files.placedFolder;
  }

  /** What it takes of the disk, without its folder's own files. */
  get usedBytes(): number {
    return Math.min(this.blocks.count * this.snapshot.blockSizeBytes, this.snapshot.totalSizeBytes);
  }

  /** Fills `buffer` from byte `offset` of a verified block. Throws on disk errors. */
  async read(block: number, offset: number, buffer: Uint8Array): Promise<void> {
    assert(this.blocks.has(block), `block ${block} is not verified`);
    await this.#files.read(buffer, block * this.snapshot.blockSizeBytes + offset);
  }

  /**
   * Whether the block may leave: it was verified in this life, or is read again now and is what it should be. One that is
   * not is held no longer. Throws on disk errors.
   */
  async isSound(block: number): Promise<boolean> {
    if (!this.blocks.has(block)) return false;
    if (!this.#unchecked.has(block)) return true;
    const buffer = takeBuffer(this.blockLength(block));
    try {
      await this.read(block, 0, buffer);
      const isSound = createHash('sha256').update(buffer).digest('hex') === this.snapshot.blockHashes[block];
      if (!isSound) await this.#takeBack(block);
      this.#unchecked.delete(block);
      return isSound;
    } finally {
      giveBuffer(buffer);
    }
  }

  /**
   * What the disk has of a held block now, SHA-256, null where it cannot be read. One that is another is held no longer. Throws
   * where that could not be noted, or the process may open no further file.
   */
  async hashAgain(block: number): Promise<string | null> {
    const buffer = takeBuffer(this.blockLength(block));
    try {
      await this.read(block, 0, buffer);
      const hash = createHash('sha256').update(buffer).digest('hex');
      if (hash !== this.snapshot.blockHashes[block]) await this.#takeBack(block);
      return hash;
    } catch (error) {
      if (isTooManyOpen(error)) throw error;
      // Whatever else the disk says: what cannot be read cannot be served.
      await this.#takeBack(block);
      return null;
    } finally {
      giveBuffer(buffer);
    }
  }

  /** Held blocks whose file somebody has deleted or cut since, by number: they are held no longer. Throws on disk errors. */
  async takeBackLost(): Promise<readonly number[]> {
    const lost = (await this.#files.blocksWithoutFile()).filter((block) => this.blocks.has(block));
    for (const block of lost) await this.#takeBack(block);
    return lost.sort((a, b) => a - b);
  }

  /** Puts the files in place, durably; blocks are served from them afterwards. */
  async finish(): Promise<Result<void, DiskFailure>> {
    if (this.isFinished) return ok(undefined);
    if (!this.blocks.isFull) return err({ code: 'disk-error', detail: 'the package is not complete yet' });
    try {
      const lost = (await this.takeBackLost()).length;
      if (lost > 0) return err({ code: 'disk-error', detail: `${lost} blocks are gone and are fetched again` });
      const damaged = await this.#damagedBlocks();
      if (damaged > 0)
        return err({ code: 'disk-error', detail: `${damaged} blocks were damaged and are fetched again` });
      await this.#files.place();
      await this.#writeMarker();
      await this.#closeJournal();
      return ok(undefined);
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  async close(): Promise<void> {
    await this.#closeJournal();
    await this.#files.close();
  }

  async #writeBlock(block: number, parts: readonly Uint8Array[]): Promise<Result<void, DiskFailure>> {
    if (this.blocks.has(block)) return ok(undefined);
    if (this.#journal === null) return err({ code: 'disk-error', detail: 'the package is not open' });
    try {
      await this.#files.write(block * this.snapshot.blockSizeBytes, parts);
    } catch (error) {
      return err(diskFailureOf(error));
    }
    return new Promise((done) => {
      this.#pendingBits.push({ block, done });
      void this.#commitBits();
    });
  }

  /** One sync for all blocks that came in while the last one ran: twelve connections cost as many syncs as one. */
  async #commitBits(): Promise<void> {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    while (this.#pendingBits.length > 0) {
      const batch = this.#pendingBits;
      this.#pendingBits = [];
      const result = await this.#makeDurable(batch.map(({ block }) => block));
      for (const { done } of batch) done(result);
    }
    this.#isCommitting = false;
  }

  async #makeDurable(blocks: readonly number[]): Promise<Result<void, DiskFailure>> {
    if (this.#journal === null) return err({ code: 'disk-error', detail: 'it was closed' });
    try {
      await this.#files.sync();
      await this.#journal.append(blocks);
      for (const block of blocks) this.blocks.add(block);
      return ok(undefined);
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  async #damagedBlocks(): Promise<number> {
    let damaged = 0;
    for (const [first, end] of this.#unchecked.ranges()) {
      for (let block = first; block < end; block++) if (!(await this.isSound(block))) damaged++;
    }
    return damaged;
  }

  /** For good: first the journal says so, then a finished package is one no longer, from the next `open` or start on. */
  #takeBack(block: number): Promise<void> {
    if (this.blocks.has(block)) this.#lost(block);
    this.blocks.delete(block);
    return this.#inTurn(() => this.#noteTakenBack(block));
  }

  async #noteTakenBack(block: number): Promise<void> {
    // Somebody has deleted the folder: nothing in it says anything any more.
    if (!(await this.isThere())) return;
    const journal = this.#journal ?? (await BlockJournal.open(this.#path('blocks.journal'), this.snapshot));
    try {
      await journal.takeBack(block);
    } finally {
      if (journal !== this.#journal) await journal.close();
    }
    await rm(this.#path('finished'), { force: true });
  }

  #openJournal(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#journal !== null) return;
      this.#journal = await BlockJournal.open(this.#path('blocks.journal'), this.snapshot);
      await syncFolder(this.folder);
    });
  }

  /** Two that open the journal at a time would write at the same place. */
  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const work = this.#lastJournalWork.then(run);
    this.#lastJournalWork = work.catch(() => undefined);
    return work;
  }

  /** Its files are those of a package that is being fetched. */
  async #becomeIncomplete(): Promise<void> {
    await this.#lastJournalWork;
    await rm(this.#path('finished'), { force: true });
    await this.#files.takeBack();
    this.isFinished = false;
  }

  async #problemOfRoom(): Promise<DiskFailure | null> {
    const { bavail, bsize } = await statfs(this.folder);
    const neededBytes = this.snapshot.totalSizeBytes - this.usedBytes;
    const freeBytes = bavail * bsize;
    if (neededBytes <= freeBytes) return null;
    return { code: 'disk-full', detail: `needs ${neededBytes} bytes, ${freeBytes} are free` };
  }

  async #journalledBlocks(): Promise<BlockSet> {
    const journal = await BlockJournal.open(this.#path('blocks.journal'), this.snapshot);
    try {
      return await journal.read();
    } finally {
      await journal.close();
    }
  }

  async #writeMarker(): Promise<void> {
    await writeFileDurably(this.#path('finished'), `${this.manifest.key}\n`);
    this.#becomeFinished();
  }

  #becomeFinished(): void {
    this.isFinished = true;
    this.blocks.addRange([0, this.blocks.size]);
  }

  async #closeJournal(): Promise<void> {
    const journal = this.#journal;
    this.#journal = null;
    await journal?.close();
  }

  #path(name: string): string {
    return path.join(this.folder, name);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
