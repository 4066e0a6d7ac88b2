import type { FileHandle } from 'node:fs/promises';
import { access, open, rm, stat, statfs } from 'node:fs/promises';
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
import { diskFailureOf, readExactly, syncFolder, writeAllAt, writeFileDurably } from './durable-files.ts';
import { PackageFiles } from './package-files.ts';

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
 * One package on disk: `content.part` while it is incomplete, `blocks.journal` with the verified blocks, `files/` once it
 * is whole, and `finished`, written last.
 *
 * Invariant 1: a bit is in the journal, and in `blocks`, only after its block is on the disk.
 * Invariant 2: `finished` is there only after every file is on the disk; until then the content is kept.
 */
export class StoredPackage {
  readonly snapshot: Snapshot;
  readonly manifest: PackageManifest;
  readonly folder: string;
  /** Verified blocks that are durable. */
  readonly blocks: BlockSet;
  isFinished = false;
  readonly #files: PackageFiles;
  #content: FileHandle | null = null;
  #opening: Promise<FileHandle> | null = null;
  #journal: BlockJournal | null = null;
  #pendingBits: PendingBit[] = [];
  #isCommitting = false;

  constructor(folder: string, snapshot: Snapshot) {
    this.folder = folder;
    this.snapshot = snapshot;
    this.manifest = manifestOf(snapshot);
    this.blocks = new BlockSet(snapshot.blockHashes.length);
    this.#files = new PackageFiles(path.join(folder, 'files'), snapshot);
  }

  /** Reads what a former life left. Throws on disk errors. */
  async restore(): Promise<void> {
    const hasMarker = await exists(this.#path('finished'));
    if (hasMarker && (await this.#files.areComplete())) {
      this.#becomeFinished();
      return;
    }
    if (hasMarker) await rm(this.#path('finished'));
    const journal = await BlockJournal.open(this.#path('blocks.journal'), this.snapshot);
    try {
      const restored = await journal.read();
      const content = await stat(this.#path('content.part')).catch(() => null);
      if (content?.size === this.snapshot.totalSizeBytes) {
        this.blocks.addAll(restored);
      } else if (restored.isFull && content === null && (await this.#files.areComplete())) {
        // The crash came between moving the only file and the marker.
        await this.#writeMarker();
      } else {
        await journal.clear();
      }
    } finally {
      await journal.close();
    }
  }

  /** Makes room. Idempotent. */
  async open(): Promise<Result<BlockSet, DiskFailure>> {
    if (this.isFinished || this.#journal !== null) return ok(this.blocks.clone());
    try {
      const problem = await this.#problemOfRoom();
      if (problem !== null) return err(problem);
      const content = await this.#openContent();
      await content.truncate(this.snapshot.totalSizeBytes);
      this.#journal = await BlockJournal.open(this.#path('blocks.journal'), this.snapshot);
      await syncFolder(this.folder);
      return ok(this.blocks.clone());
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  /** `parts` together are block `block`, verified. Resolves when block and bit are durable. */
  async writeBlock(block: number, parts: readonly Uint8Array[]): Promise<Result<void, DiskFailure>> {
    if (this.#content === null) return err({ code: 'disk-error', detail: 'the package is not open' });
    if (this.blocks.has(block)) return ok(undefined);
    try {
      await writeAllAt(this.#content, parts, block * this.snapshot.blockSizeBytes);
    } catch (error) {
      return err(diskFailureOf(error));
    }
    return new Promise((done) => {
      this.#pendingBits.push({ block, done });
      void this.#commitBits();
    });
  }

  blockLength(block: number): number {
    return blockLengthBytes(block, this.snapshot.totalSizeBytes, this.snapshot.blockSizeBytes);
  }

  /** Fills `buffer` from byte `offset` of a verified block. Throws on disk errors. */
  async read(block: number, offset: number, buffer: Uint8Array): Promise<void> {
    assert(this.blocks.has(block), `block ${block} is not verified`);
    const position = block * this.snapshot.blockSizeBytes + offset;
    if (this.isFinished) return this.#files.read(buffer, position);
    // Restored, but not asked to download yet: it serves all the same.
    await readExactly(await this.#openContent(), buffer, position);
  }

  /** Puts the files in place, durably; blocks are served from them afterwards. */
  async finish(): Promise<Result<void, DiskFailure>> {
    if (this.isFinished) return ok(undefined);
    if (!this.blocks.isFull) return err({ code: 'disk-error', detail: 'the package is not complete yet' });
    try {
      const contentFile = this.#path('content.part');
      const content = await this.#openContent();
      await content.datasync();
      await this.#files.place(contentFile, content);
      await this.#writeMarker();
      await rm(contentFile, { force: true });
      await this.#closeContent();
      return ok(undefined);
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  async close(): Promise<void> {
    await this.#closeContent();
    await this.#files.close();
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
    if (this.#content === null || this.#journal === null) return err({ code: 'disk-error', detail: 'it was closed' });
    try {
      await this.#content.datasync();
      await this.#journal.append(blocks);
      for (const block of blocks) this.blocks.add(block);
      return ok(undefined);
    } catch (error) {
      return err(diskFailureOf(error));
    }
  }

  async #problemOfRoom(): Promise<DiskFailure | null> {
    const { bavail, bsize } = await statfs(this.folder);
    const missing = this.manifest.blockCount - this.blocks.count;
    // Splitting into several files copies the content, and only then drops it.
    const copy = this.snapshot.files.length > 1 ? this.snapshot.totalSizeBytes : 0;
    const neededBytes = missing * this.snapshot.blockSizeBytes + copy;
    const freeBytes = bavail * bsize;
    if (neededBytes <= freeBytes) return null;
    return { code: 'disk-full', detail: `needs ${neededBytes} bytes, ${freeBytes} are free` };
  }

  async #writeMarker(): Promise<void> {
    await writeFileDurably(this.#path('finished'), `${this.manifest.key}\n`);
    this.#becomeFinished();
  }

  #becomeFinished(): void {
    this.isFinished = true;
    this.blocks.addRange([0, this.blocks.size]);
  }

  /** Single flight: two blocks asked for at once open the file once. */
  async #openContent(): Promise<FileHandle> {
    if (this.#content !== null) return this.#content;
    this.#opening ??= openOrCreate(this.#path('content.part'));
    try {
      this.#content = await this.#opening;
      return this.#content;
    } finally {
      this.#opening = null;
    }
  }

  async #closeContent(): Promise<void> {
    const content = this.#content;
    const journal = this.#journal;
    this.#content = null;
    this.#journal = null;
    await content?.close();
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

async function openOrCreate(file: string): Promise<FileHandle> {
  return (await exists(file)) ? open(file, 'r+') : open(file, 'w+');
}
