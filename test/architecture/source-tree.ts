/** Lists the repository's source files in two independent ways, so that a check can prove that it saw all of them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const sourcePattern = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;

/** Folders that hold no source: what .gitignore names, and git itself. */
const notSource = new Set(['.git', '.cache', 'dist', 'node_modules']);

/** Every source file on disk, by walking the folders. */
export function sourceFilesOnDisk(folder = ''): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return notSource.has(entry.name) ? [] : sourceFilesOnDisk(file);
      return sourcePattern.test(entry.name) ? [file] : [];
    })
    .sort();
}

/** Every source file that git knows or would add, or null outside of a git work tree. */
export function sourceFilesInGit(): string[] | null {
  if (!existsSync(path.join(root, '.git'))) return null;
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\0')
    .filter((file) => sourcePattern.test(file) && existsSync(path.join(root, file)))
    .sort();
}
