/** Where things are in this checkout, and how the bootstrap speaks. Plain JavaScript: it runs before anything exists. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** The Node that the lockfile pins; everything but the bootstrap runs on it. */
export const pinnedNode = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** One line for the person who waits. Standard output stays free for what a command prints. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends with a message that says what to do. @param {string} line @returns {never} */
export function fail(line) {
  say(`fanout: ${line}`);
  process.exit(1);
}

/** @param {string} file relative to the root */
export function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

/**
 * The script behind a command of an installed package, to be run with the pinned Node.
 * @param {string} packageName @param {string} [command] the package's name by default
 */
export function scriptOf(packageName, command = packageName) {
  const { bin } = readJson(`node_modules/${packageName}/package.json`);
  return path.join(root, 'node_modules', packageName, typeof bin === 'string' ? bin : bin[command]);
}

/** Hash of the commit that is checked out; empty outside of a repository. */
export function commitOfCheckout() {
  return spawnSync('git', ['rev-parse', '--verify', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
}

/** A number that is the same for the same commit: the seed of random tests. @param {string} commit */
export function seedOfCommit(commit) {
  return commit === '' ? 1 : Number.parseInt(commit.slice(0, 8), 16);
}
