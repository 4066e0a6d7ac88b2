/**
 * The one table of what is built from where, read by the build, the bootstrap and the tests, and the rule that tells
 * whether a bundle is stale. Plain JavaScript without dependencies: the bootstrap asks before anything is installed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} Bundle
 * @property {string} name      folder below dist/
 * @property {string} entry     what it is built from
 * @property {string} output    the file to load
 * @property {'node' | 'preload' | 'page'} kind
 *   node: an ES module for Node 24 and the Node inside Electron; preload: CommonJS, the only form a sandboxed preload
 *   script may have; page: the console for Chromium
 */

/** @type {readonly Bundle[]} */
export const bundles = [
  { name: 'main', entry: 'electron/main/main.ts', output: 'dist/main/main.mjs', kind: 'node' },
  { name: 'preload', entry: 'electron/preload/preload.ts', output: 'dist/preload/preload.cjs', kind: 'preload' },
  { name: 'cli', entry: 'electron/cli/main.ts', output: 'dist/cli/main.mjs', kind: 'node' },
  {
    name: 'agent-worker',
    entry: 'electron/agent-worker/worker-main.ts',
    output: 'dist/agent-worker/worker-main.mjs',
    kind: 'node',
  },
  {
    name: 'hash-worker',
    entry: 'electron/notification-server/hash-worker.ts',
    output: 'dist/hash-worker/hash-worker.mjs',
    kind: 'node',
  },
  {
    name: 'sim-worker',
    entry: 'electron/sim-worker/sim-worker.ts',
    output: 'dist/sim-worker/sim-worker.mjs',
    kind: 'node',
  },
  { name: 'renderer', entry: 'renderer/index.html', output: 'dist/renderer/index.html', kind: 'page' },
];

/** What every bundle depends on besides its own sources: a new dependency or another way of building. */
const commonInputs = [
  'package-lock.json',
  'build/bundles.mjs',
  'build/build.ts',
  'build/renderer.config.ts',
  'build/console-extras/guide.ts',
  'build/console-extras/plugin.ts',
  'build/console-extras/third-party-licences.ts',
];

/** @param {string} root @param {Bundle} bundle */
export function stampPath(root, bundle) {
  return path.join(root, 'dist', bundle.name, '.inputs.json');
}

/**
 * Size and time of change of a file, or null when it is gone: what a stamp remembers of an input.
 * @param {string} file
 */
function fingerprint(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.size}:${Math.trunc(stats.mtimeMs)}`;
}

/** @param {string} root */
function commonFingerprint(root) {
  const hash = createHash('sha256');
  for (const file of commonInputs) hash.update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/**
 * The content of a bundle's stamp. An input that was edited during the build leaves the bundle stale.
 * @param {string} root
 * @param {readonly string[]} inputs source files relative to the root, as the bundler read them
 * @param {number} startedMs when the build began, in milliseconds since 1970
 */
export function stampOf(root, inputs, startedMs) {
  /** @param {string} file */
  const unlessEdited = (file) => {
    const isEdited = (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) >= startedMs;
    return isEdited ? 'edited during the build' : fingerprint(file);
  };
  return {
    common: commonFingerprint(root),
    inputs: Object.fromEntries(inputs.map((file) => [file, unlessEdited(path.join(root, file))])),
  };
}

/**
 * The bundles whose entry exists and whose output is missing or older than what it was built from.
 * @param {string} root
 * @param {readonly string[]} [names] only these; all by default
 */
export function staleBundles(root, names) {
  const common = commonFingerprint(root);
  return bundles.filter((bundle) => {
    if (names !== undefined && !names.includes(bundle.name)) return false;
    if (!existsSync(path.join(root, bundle.entry))) return false;
    if (!existsSync(path.join(root, bundle.output)) || !existsSync(stampPath(root, bundle))) return true;
    const stamp = JSON.parse(readFileSync(stampPath(root, bundle), 'utf8'));
    if (stamp.common !== common) return true;
    return Object.entries(stamp.inputs).some(([file, was]) => fingerprint(path.join(root, file)) !== was);
  });
}
