import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { packagePathsProblem } from '../../../shared/contracts/package-path.ts';
import { Refusal } from '../refusal.ts';
import { fileProblem } from './file-problem.ts';

export interface ScannedFile {
  /** Absolute path on this computer. */
  readonly file: string;
  /** Path in the package, `/` as separator. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** As many as a snapshot may hold. */
const maximumFiles = 200_000;

/**
 * The files that a package made of `root` (absolute) holds, in the order of the snapshot. Throws a `Refusal` with a
 * sentence for people where something cannot be imported: nothing is left out silently.
 */
export async function scanForImport(root: string, isCancelled: () => boolean): Promise<ScannedFile[]> {
  const status = await lstat(root).catch((error: unknown) => {
    throw new Refusal('path-refused', fileProblem(root, error));
  });
  refuseSpecial(root, status);
  const files = status.isFile()
    ? [{ file: root, path: path.basename(root), sizeBytes: status.size }]
    : await scanFolder(root, isCancelled);
  if (files.length === 0) throw new Refusal('path-refused', `The folder "${root}" holds no file.`);
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const problem = packagePathsProblem(files.map((file) => file.path));
  if (problem !== null) throw new Refusal('path-refused', `This cannot be a package: ${problem}.`);
  if (files.every((file) => file.sizeBytes === 0)) {
    throw new Refusal('path-refused', `"${root}" holds no bytes: there is nothing to deliver.`);
  }
  return files;
}

async function scanFolder(root: string, isCancelled: () => boolean): Promise<ScannedFile[]> {
  const files: ScannedFile[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined && !isCancelled(); folder = folders.pop()) {
    const here = folder;
    const names = await readdir(here).catch((error: unknown) => {
      throw new Refusal('path-refused', fileProblem(here, error));
    });
    for (const name of names) {
      const file = path.join(here, name);
      const status = await lstat(file).catch((error: unknown) => {
        throw new Refusal('path-refused', fileProblem(file, error));
      });
      refuseSpecial(file, status);
      if (status.isDirectory()) folders.push(file);
      else files.push({ file, path: path.relative(root, file).split(path.sep).join('/'), sizeBytes: status.size });
      if (files.length + folders.length > maximumFiles) {
        throw new Refusal('too-large', `"${root}" holds more than ${maximumFiles} files: pack them into an archive.`);
      }
    }
  }
  return files;
}

function refuseSpecial(
  file: string,
  status: { isSymbolicLink(): boolean; isFile(): boolean; isDirectory(): boolean },
): void {
  if (status.isSymbolicLink()) {
    throw new Refusal('path-refused', `"${file}" is a symbolic link. Import what it points to instead.`);
  }
  if (!status.isFile() && !status.isDirectory()) {
    throw new Refusal('path-refused', `"${file}" is neither a file nor a folder.`);
  }
}
