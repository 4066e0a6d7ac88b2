import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { migrations } from '../../database/migrations/migration-list.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { readManifest } from './backup-manifest.ts';
import { copyFile } from './copied-file.ts';

/**
 * Copies a backup into a data folder that is missing or holds nothing but what `mayHold` names, checking every file.
 * Throws a sentence, and leaves the folder as it was, where the backup is damaged, not whole or of a later version.
 */
export async function restoreBackup(
  backupFolder: string,
  dataFolder: string,
  mayHold: readonly string[] = [],
): Promise<BackupManifest> {
  const manifest = await readManifest(backupFolder);
  const later = manifest.migrations.filter((name) => migrations[name] === undefined);
  if (later.length > 0) {
    throw new Error(
      `The backup in ${backupFolder} was made by Fanout ${manifest.productVersion}, which is later than this version.`,
    );
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const other = (await readdir(dataFolder)).filter((name) => !mayHold.includes(name));
  if (other.length > 0) {
    throw new Error(`${dataFolder} is not empty. A backup is restored into an empty data folder only.`);
  }
  try {
    for (const { path: name, bytes, sha256 } of manifest.files) {
      const copied = await copyOrExplain(path.join(backupFolder, name), path.join(dataFolder, name), name);
      if (copied.bytes !== bytes || copied.sha256 !== sha256) throw new Error(`The backup is damaged: ${name}.`);
    }
  } catch (error) {
    // Only what is restored here can be in it.
    for (const name of new Set(manifest.files.map((file) => file.path.split('/')[0] ?? ''))) {
      await rm(path.join(dataFolder, name), { recursive: true, force: true });
    }
    throw error;
  }
  return manifest;
}

async function copyOrExplain(from: string, to: string, name: string) {
  try {
    return await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`The backup is not whole: ${name} is missing.`, { cause: error });
  }
}
