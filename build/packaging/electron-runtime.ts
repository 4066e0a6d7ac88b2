/** From where the packaged application gets its runtime. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeStoredZip } from './stored-zip.ts';

const versionPattern = /^\d+\.\d+\.\d+/;

/** The unpacked runtime that ELECTRON_OVERRIDE_DIST_PATH names, as everywhere; null: the pinned one is downloaded. */
export function namedRuntime(): { readonly folder: string; readonly version: string } | null {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (folder === undefined || folder === '') return null;
  const file = path.join(folder, 'version');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : '';
  if (!versionPattern.test(version)) {
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH names ${folder}, which is no unpacked Electron (no file "version").`);
  }
  return { folder, version };
}

/** Makes the zip that the packager looks for in `zipFolder`. */
export async function zipRuntime(runtime: { folder: string; version: string }, zipFolder: string): Promise<void> {
  rmSync(zipFolder, { recursive: true, force: true });
  mkdirSync(zipFolder, { recursive: true });
  const name = `electron-v${runtime.version}-${process.platform}-${process.arch}.zip`;
  await writeStoredZip(runtime.folder, path.join(zipFolder, name));
}
