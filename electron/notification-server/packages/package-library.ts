import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PackageKey } from '../../../shared/base/ids.ts';
import type { SignedSnapshot, Snapshot } from '../../../shared/contracts/snapshot.ts';
import { signedSnapshotSchema, snapshotSchema } from '../../../shared/contracts/snapshot.ts';
import { writePrivateFile } from '../private-file.ts';

/** Snapshots that are asked again and again while a delivery runs; the largest are half a megabyte. */
const maximumCachedSnapshots = 8;
const importPrefix = '.import-';
const uploadPrefix = '.upload-';

/**
 * The copies of imported packages: `<data>/packages/<key>/` holds `content` (the files one after the other, so that a
 * block is one read) and `snapshot.json`, the signed manifest. A folder without a row in the database is a leftover.
 */
export class PackageLibrary {
  readonly #folder: string;
  readonly #snapshots = new Map<PackageKey, string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Deletes what interrupted imports and uploads left behind. */
  static async open(dataFolder: string, keys: ReadonlySet<string>): Promise<PackageLibrary> {
    const folder = path.join(dataFolder, 'packages');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const isLeftover = name.startsWith(importPrefix) || name.startsWith(uploadPrefix);
      const isUnknownPackage = /^[0-9a-f]{40}$/.test(name) && !keys.has(name);
      if (isLeftover || isUnknownPackage) await rm(path.join(folder, name), { recursive: true, force: true });
    }
    return new PackageLibrary(folder);
  }

  get folder(): string {
    return this.#folder;
  }

  async makeImportFolder(jobId: string): Promise<string> {
    return this.#makeFolder(`${importPrefix}${jobId}`);
  }

  async makeUploadFolder(jobId: string): Promise<string> {
    return this.#makeFolder(`${uploadPrefix}${jobId}`);
  }

  static contentFileIn(folder: string): string {
    return path.join(folder, 'content');
  }

  /** Turns a filled import folder into the package: from here on only the row in the database is missing. */
  async adopt(importFolder: string, key: PackageKey, snapshot: SignedSnapshot): Promise<void> {
    await writePrivateFile(path.join(importFolder, 'snapshot.json'), JSON.stringify(snapshot));
    const target = path.join(this.#folder, key);
    await rename(importFolder, target);
    await syncFolder(target);
    await syncFolder(this.#folder);
  }

  async discard(key: PackageKey): Promise<void> {
    this.#snapshots.delete(key);
    await rm(path.join(this.#folder, key), { recursive: true, force: true });
  }

  /** The JSON of a `SignedSnapshot`. */
  async snapshotJson(key: PackageKey): Promise<string> {
    const cached = this.#snapshots.get(key);
    if (cached !== undefined) return cached;
    const json = await readFile(path.join(this.#folder, key, 'snapshot.json'), 'utf8');
    if (this.#snapshots.size >= maximumCachedSnapshots) {
      const oldest = this.#snapshots.keys().next();
      if (oldest.done !== true) this.#snapshots.delete(oldest.value);
    }
    this.#snapshots.set(key, json);
    return json;
  }

  /** As it was signed here. */
  async snapshot(key: PackageKey): Promise<Snapshot> {
    const { payload } = signedSnapshotSchema.parse(JSON.parse(await this.snapshotJson(key)));
    return snapshotSchema.parse(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
  }

  /** The caller closes it. */
  openContent(key: PackageKey): Promise<FileHandle> {
    return open(PackageLibrary.contentFileIn(path.join(this.#folder, key)), 'r');
  }

  async #makeFolder(name: string): Promise<string> {
    const folder = path.join(this.#folder, name);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }
}

/** A rename is durable once its folder is; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
