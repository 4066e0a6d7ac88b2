import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ServerId } from '../../../shared/base/ids.ts';
import type { BackupJob } from '../../../shared/contracts/operation-api.ts';
import type { DatabaseAccess } from '../../database/database-access.ts';
import { migrations } from '../../database/migrations/migration-list.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { fileProblem } from '../packages/file-problem.ts';
import { writePrivateFile } from '../private-file.ts';
import { Refusal } from '../refusal.ts';
import type { BackedUpFile, BackupManifest } from './backup-manifest.ts';
import { manifestName } from './backup-manifest.ts';
import { copyFile } from './copied-file.ts';

export interface BackupParts {
  readonly access: Pick<DatabaseAccess, 'kind' | 'copyTo'>;
  readonly dataFolder: string;
  readonly serverId: ServerId;
  readonly productVersion: string;
  readonly packages: () => readonly StoredPackage[];
  readonly now: () => number;
}

/**
 * Copies what the server needs to start again, while it runs: the embedded database as of one moment, the keys of the
 * server, and where asked for the package library, whose files never change. Its manifest is written last.
 */
export class Backups {
  readonly #parts: BackupParts;
  #newest: { -readonly [Key in keyof BackupJob]: BackupJob[Key] } | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: BackupParts) {
    this.#parts = parts;
  }

  get newest(): BackupJob | null {
    return this.#newest;
  }

  /** Throws a `Refusal` where the folder cannot take a backup, or one is running. */
  async start(folder: string, withPackages: boolean): Promise<BackupJob> {
    if (this.#newest?.state === 'running') {
      throw new Refusal('conflict', `A backup into ${this.#newest.folder} is running. Wait for it.`);
    }
    const job = {
      folder,
      database: this.#parts.access.kind,
      state: 'running' as BackupJob['state'],
      bytes: 0,
      message: '',
    };
    this.#newest = job;
    try {
      await this.#prepare(folder);
    } catch (error) {
      this.#newest = null;
      throw error;
    }
    this.#running = this.#run(job, withPackages).then(
      () => {
        job.state = 'done';
      },
      (error: unknown) => {
        job.message = error instanceof Error ? error.message : String(error);
        job.state = 'failed';
      },
    );
    return job;
  }

  /** Resolves when none is running. */
  finished(): Promise<void> {
    return this.#running;
  }

  async #prepare(folder: string): Promise<void> {
    const refuse = (message: string) => new Refusal('path-refused', message, { fields: [{ path: 'folder', message }] });
    if (!path.isAbsolute(folder) || folder.includes('\0')) throw refuse('Give the absolute path of a folder.');
    const isInside = !path.relative(this.#parts.dataFolder, folder).startsWith('..');
    if (isInside) throw refuse('A backup inside of the data folder would be lost with it. Give another folder.');
    try {
      // Not recursive: that never ends in /proc, where a folder cannot be made and is not there.
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      if ((await readdir(folder)).length > 0)
        throw refuse(`${folder} is not empty. Give a new folder for each backup.`);
    } catch (error) {
      throw error instanceof Refusal ? error : refuse(fileProblem(folder, error));
    }
  }

  async #run(job: { readonly folder: string; bytes: number }, withPackages: boolean): Promise<void> {
    const { access, dataFolder, packages, serverId, productVersion, now } = this.#parts;
    const createdAtMs = now();
    const stored = packages();
    const files: BackedUpFile[] = [];
    const copy = async (name: string, from = path.join(dataFolder, name)): Promise<void> => {
      const copied = await copyFile(from, path.join(job.folder, name), (bytes) => {
        job.bytes += bytes;
      });
      files.push({ path: name, ...copied });
    };
    if (access.copyTo !== null) {
      const raw = path.join(job.folder, 'database.copy');
      await access.copyTo(raw);
      await copy('fanout.db', raw);
      await rm(raw);
    }
    for (const name of (await readdir(path.join(dataFolder, 'identity'))).filter((entry) => entry.endsWith('.pem'))) {
      await copy(`identity/${name}`);
    }
    for (const { key } of withPackages ? stored : []) {
      await copy(`packages/${key}/snapshot.json`);
      await copy(`packages/${key}/content`);
    }
    const manifest: BackupManifest = {
      format: 1,
      createdAtMs,
      productVersion,
      serverId,
      database: access.kind,
      migrations: Object.keys(migrations).sort(),
      files,
      packages: stored.map(({ key, name, version, totalSizeBytes }) => ({
        key,
        name,
        version,
        bytes: totalSizeBytes,
        included: withPackages,
      })),
    };
    await writePrivateFile(path.join(job.folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
