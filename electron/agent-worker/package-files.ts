import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Snapshot, SnapshotFile } from '../../shared/contracts/snapshot.ts';
import { forEachAtOnce, readExactly, syncFolder, writeAllAt } from './durable-files.ts';
import type { OpenFiles } from './open-files.ts';

/** Files looked at, written or synced at the same time: as many as Node gives threads to the disk. */
const filesAtOnce = 4;
const { O_CREAT, O_RDWR } = constants;

/** What a run of bytes means for one file. */
interface Portion {
  readonly file: SnapshotFile;
  readonly index: number;
  readonly inFile: number;
  /** Where it begins in the run. */
  readonly at: number;
  readonly length: number;
}

/**
 * The files of a package. While it is incomplete they grow in `part/`, each block written where it belongs, a block that
 * spans many files too; when it is whole the folder becomes `files/`. Content is never there twice.
 *
 * A file that lies in one block is written, synced and closed at once. One that several blocks share has its full size from
 * its first byte on, and is synced together with the other blocks that came in.
 */
export class PackageFiles {
  readonly #packageFolder: string;
  readonly #snapshot: Snapshot;
  readonly #openFiles: OpenFiles;
  readonly #madeFolders = new Set<string>();
  /** Shared files that have their size in this life. */
  readonly #sized = new Set<number>();
  readonly #unsynced = new Set<number>();
  #isPlaced = false;
  #users = 0;
  #onUnused: () => void = () => undefined;
  /** Files cannot be opened while their folder is renamed. */
  #moving: Promise<void> | null = null;

  constructor(packageFolder: string, snapshot: Snapshot, openFiles: OpenFiles) {
    this.#packageFolder = packageFolder;
    this.#snapshot = snapshot;
    this.#openFiles = openFiles;
  }

  /** `files/` holds every file with its size, and is used from now on; else false. Throws on disk errors. */
  async findPlaced(): Promise<boolean> {
    const wrong = await this.#wrongFiles(this.placedFolder);
    this.#isPlaced = wrong.length === 0;
    return this.#isPlaced;
  }

  /**
   * Blocks of which the files cannot hold every byte: one is missing or has another size. Those files are made anew when they
   * are written again.
   */
  async blocksWithoutFile(): Promise<number[]> {
    const blocks = new Set<number>();
    const folder = this.#isPlaced ? this.placedFolder : this.#partFolder;
    const wrong = new Set(await this.#wrongFiles(folder));
    let isAnyLost = false;
    for (const [index, file] of this.#snapshot.files.entries()) {
      if (!wrong.has(file)) {
        this.#sized.add(index);
        continue;
      }
      if (this.#sized.delete(index) || this.#isPlaced) isAnyLost = true;
      if (file.sizeBytes > 0)
        for (let block = this.#firstBlockOf(file); block <= this.#lastBlockOf(file); block++) blocks.add(block);
    }
    if (wrong.size > 0) this.#madeFolders.clear();
    // Open ones go on where nobody finds them.
    if (isAnyLost) await this.#openFiles.closeBelow(folder + path.sep);
    return [...blocks];
  }

  /** The files were complete once, if they are there, and are not any longer: they become those of an incomplete package. */
  async takeBack(): Promise<void> {
    await this.#exclusively(async () => {
      await this.#openFiles.closeBelow(this.placedFolder + path.sep);
      this.#isPlaced = false;
      if (await isFolder(this.#partFolder)) await this.#removePlaced();
      else if (await isFolder(this.placedFolder)) await rename(this.placedFolder, this.#partFolder);
    });
    await syncFolder(this.#packageFolder);
  }

  /** Removes files that are called complete and are not. */
  async #removePlaced(): Promise<void> {
    await rm(this.placedFolder, { recursive: true, force: true });
  }

  /** Writes `parts` from byte `position` of the content on. Durable after the next `sync`. Throws on disk errors. */
  write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return this.#using(async () => {
      await forEachAtOnce(filesAtOnce, [...this.#portions(position, length)], async (portion) => {
        const bytes = cut(parts, portion.at, portion.length);
        if (portion.length === portion.file.sizeBytes) await this.#writeWhole(portion.file, bytes);
        else await this.#writeShared(portion, bytes);
      });
    });
  }

  /** Makes everything durable that was written before the call. Throws on disk errors. */
  sync(): Promise<void> {
    const unsynced = [...this.#unsynced];
    this.#unsynced.clear();
    return this.#using(async () => {
      try {
        await forEachAtOnce(filesAtOnce, unsynced, (index) => {
          const file = this.#snapshot.files[index];
          return file === undefined ? Promise.resolve() : this.#withShared(file, index, (handle) => handle.datasync());
        });
      } catch (error) {
        // Also what was written meanwhile, by somebody who waits for the next sync, is not durable yet.
        for (const index of unsynced) this.#unsynced.add(index);
        throw error;
      }
    });
  }

  /** Fills `buffer` with the content from `position` on. Throws where a file is not what it was. */
  read(buffer: Uint8Array, position: number): Promise<void> {
    return this.#using(async () => {
      for (const { file, inFile, at, length } of this.#portions(position, buffer.length)) {
        const target = buffer.subarray(at, at + length);
        const flags = this.#isPlaced ? 'r' : 'r+';
        await this.#openFiles.use(this.#pathOf(file), flags, (handle) => readExactly(handle, target, inFile));
      }
    });
  }

  /** Every block is in `part/` and durable: makes it `files/`, durably. Reading goes on. Throws on disk errors. */
  async place(): Promise<void> {
    if (this.#isPlaced) return;
    await forEachAtOnce(filesAtOnce, this.#snapshot.files, async (file) => {
      if (file.sizeBytes === 0) await this.#writeWhole(file, []);
    });
    await mkdir(this.#partFolder, { recursive: true });
    await forEachAtOnce(filesAtOnce, [...this.#folders()], syncFolder);
    await this.#removePlaced();
    await this.#exclusively(async () => {
      await this.#openFiles.closeBelow(this.#partFolder + path.sep);
      await rename(this.#partFolder, this.placedFolder);
      this.#isPlaced = true;
    });
    await syncFolder(this.#packageFolder);
  }

  close(): Promise<void> {
    return this.#openFiles.closeBelow(this.#packageFolder + path.sep);
  }

  async #writeWhole(file: SnapshotFile, parts: readonly Uint8Array[]): Promise<void> {
    await this.#makeFolderOf(file);
    const handle = await open(this.#pathOf(file), 'w');
    try {
      await writeAllAt(handle, parts, 0);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async #writeShared(portion: Portion, parts: readonly Uint8Array[]): Promise<void> {
    await this.#makeFolderOf(portion.file);
    await this.#withShared(portion.file, portion.index, async (handle) => {
      if (!this.#sized.has(portion.index)) await handle.truncate(portion.file.sizeBytes);
      this.#sized.add(portion.index);
      await writeAllAt(handle, parts, portion.inFile);
    });
    this.#unsynced.add(portion.index);
  }

  /** A file that was there in this life and is gone must not come back empty: blocks in it count as held. */
  #withShared(file: SnapshotFile, index: number, run: Parameters<OpenFiles['use']>[2]): Promise<unknown> {
    return this.#openFiles.use(this.#pathOf(file), this.#sized.has(index) ? O_RDWR : O_RDWR | O_CREAT, run);
  }

  async #makeFolderOf(file: SnapshotFile): Promise<void> {
    const folder = path.dirname(this.#pathOf(file));
    if (this.#madeFolders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#madeFolders.add(folder);
  }

  async #wrongFiles(folder: string): Promise<SnapshotFile[]> {
    const wrong: SnapshotFile[] = [];
    await forEachAtOnce(filesAtOnce, this.#snapshot.files, async (file) => {
      const found = await stat(path.join(folder, ...file.path.split('/'))).catch(() => null);
      if (found === null || !found.isFile() || found.size !== file.sizeBytes) wrong.push(file);
    });
    return wrong;
  }

  /** The files that bytes `position` … `position + length` lie in. Throws behind the end of the content. */
  *#portions(position: number, length: number): Generator<Portion> {
    let at = 0;
    for (let index = this.#indexAt(position); at < length; index++) {
      const file = this.#snapshot.files[index];
      if (file === undefined) throw new Error('beyond the end of the package');
      const inFile = position + at - file.offsetBytes;
      const part = Math.min(length - at, file.sizeBytes - inFile);
      if (part <= 0) continue;
      yield { file, index, inFile, at, length: part };
      at += part;
    }
  }

  /** The last file that begins at or before `position`. */
  #indexAt(position: number): number {
    let low = 0;
    let high = this.#snapshot.files.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#snapshot.files[middle]?.offsetBytes ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #firstBlockOf(file: SnapshotFile): number {
    return Math.floor(file.offsetBytes / this.#snapshot.blockSizeBytes);
  }

  #lastBlockOf(file: SnapshotFile): number {
    return Math.floor((file.offsetBytes + file.sizeBytes - 1) / this.#snapshot.blockSizeBytes);
  }

  /** Every folder with a file in it, and those above, up to `part/`. */
  #folders(): Set<string> {
    const folders = new Set([this.#partFolder]);
    for (const file of this.#snapshot.files) {
      let folder = path.dirname(path.join(this.#partFolder, ...file.path.split('/')));
      for (; !folders.has(folder); folder = path.dirname(folder)) folders.add(folder);
    }
    return folders;
  }

  async #using<Value>(run: () => Promise<Value>): Promise<Value> {
    while (this.#moving !== null) await this.#moving;
    this.#users++;
    try {
      return await run();
    } finally {
      this.#users--;
      if (this.#users === 0) this.#onUnused();
    }
  }

  async #exclusively(run: () => Promise<void>): Promise<void> {
    const work = (async () => {
      if (this.#users > 0) {
        await new Promise<void>((resolve) => {
          this.#onUnused = resolve;
        });
      }
      await run();
    })();
    this.#moving = work
      .catch(() => undefined)
      .finally(() => {
        this.#moving = null;
        this.#onUnused = () => undefined;
      });
    await work;
  }

  get #partFolder(): string {
    return path.join(this.#packageFolder, 'part');
  }

  get placedFolder(): string {
    return path.join(this.#packageFolder, 'files');
  }

  #pathOf(file: SnapshotFile): string {
    return path.join(this.#isPlaced ? this.placedFolder : this.#partFolder, ...file.path.split('/'));
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** `length` bytes of `parts` from byte `at` on, as views. */
function cut(parts: readonly Uint8Array[], at: number, length: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let before = 0;
  for (const part of parts) {
    const first = Math.max(at - before, 0);
    const end = Math.min(at + length - before, part.length);
    if (first < end) found.push(part.subarray(first, end));
    before += part.length;
  }
  return found;
}
