import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Snapshot, SnapshotFile } from '../../shared/contracts/snapshot.ts';
import { readExactly, syncFolder } from './durable-files.ts';

/** What is copied at a time when a package is split into its files. */
const copyBytes = 1024 * 1024;
/** Files of a finished package that stay open for serving. */
const maxOpenFiles = 4;

interface OpenFile {
  readonly handle: FileHandle;
  users: number;
}

/** The files of a package in place, below one folder; also reads the content back as one run of bytes. */
export class PackageFiles {
  readonly #folder: string;
  readonly #snapshot: Snapshot;
  /** In the order of use, the oldest first. */
  readonly #open = new Map<string, OpenFile>();

  constructor(folder: string, snapshot: Snapshot) {
    this.#folder = folder;
    this.#snapshot = snapshot;
  }

  /** True where every file is there with its size. */
  async areComplete(): Promise<boolean> {
    for (const file of this.#snapshot.files) {
      const found = await stat(this.#pathOf(file)).catch(() => null);
      if (found === null || !found.isFile() || found.size !== file.sizeBytes) return false;
    }
    return true;
  }

  /** Puts the content into its files, durably. A single file is the content itself and only moves. */
  async place(contentFile: string, content: FileHandle): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true });
    const folders = new Set([this.#folder]);
    const [only] = this.#snapshot.files;
    for (const file of this.#snapshot.files) {
      const target = this.#pathOf(file);
      for (let folder = path.dirname(target); !folders.has(folder); folder = path.dirname(folder)) folders.add(folder);
      await mkdir(path.dirname(target), { recursive: true });
      if (this.#snapshot.files.length === 1 && only !== undefined) await rename(contentFile, target);
      else await copyRange(content, file.offsetBytes, file.sizeBytes, target);
    }
    for (const folder of folders) await syncFolder(folder);
    await syncFolder(path.dirname(this.#folder));
  }

  /** Fills `buffer` with the content from `position` on. Throws where a file is not what it was. */
  async read(buffer: Uint8Array, position: number): Promise<void> {
    let done = 0;
    for (let index = this.#indexAt(position); done < buffer.length; index++) {
      const file = this.#snapshot.files[index];
      if (file === undefined) throw new Error('read beyond the end of the package');
      const inFile = position + done - file.offsetBytes;
      const length = Math.min(buffer.length - done, file.sizeBytes - inFile);
      if (length <= 0) continue;
      await this.#readFile(file, buffer.subarray(done, done + length), inFile);
      done += length;
    }
  }

  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const { handle } of files) await handle.close();
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

  async #readFile(file: SnapshotFile, buffer: Uint8Array, position: number): Promise<void> {
    const opened = await this.#takeFile(file);
    try {
      await readExactly(opened.handle, buffer, position);
    } finally {
      opened.users--;
      await this.#closeUnused();
    }
  }

  /** Counted as in use already, so that nobody closes it in between. */
  async #takeFile(file: SnapshotFile): Promise<OpenFile> {
    let opened = this.#open.get(file.path);
    if (opened === undefined) {
      const handle = await open(this.#pathOf(file), 'r');
      const meanwhile = this.#open.get(file.path);
      if (meanwhile !== undefined) await handle.close();
      opened = meanwhile ?? { handle, users: 0 };
    }
    this.#open.delete(file.path);
    this.#open.set(file.path, opened);
    opened.users++;
    return opened;
  }

  async #closeUnused(): Promise<void> {
    for (const [filePath, { handle, users }] of this.#open) {
      if (this.#open.size <= maxOpenFiles) return;
      if (users > 0) continue;
      this.#open.delete(filePath);
      await handle.close();
    }
  }

  #pathOf(file: SnapshotFile): string {
    return path.join(this.#folder, ...file.path.split('/'));
  }
}

async function copyRange(from: FileHandle, offset: number, sizeBytes: number, target: string): Promise<void> {
  const handle = await open(target, 'w');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(copyBytes, Math.max(1, sizeBytes)));
    for (let done = 0; done < sizeBytes; done += buffer.length) {
      const part = buffer.subarray(0, Math.min(buffer.length, sizeBytes - done));
      await readExactly(from, part, offset + done);
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
