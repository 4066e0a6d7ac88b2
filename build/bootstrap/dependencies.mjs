/** Brings node_modules in line with the lockfile, and checks that the pinned Node came with it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, pinnedNode, readJson, root, say } from './checkout.mjs';

const stampFile = path.join(root, 'node_modules/.fanout-lock');

export function ensureDependencies() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node 20 or later is needed to start; this is ${process.version}.`);
  const lockHash = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(pinnedNode) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash) return;
  if (!matchesLockfile()) installDependencies();
  checkPinnedNode();
  writeFileSync(stampFile, lockHash);
}

/** True when a plain `npm ci` or `npm install` has already put in place what the lockfile names. */
function matchesLockfile() {
  if (!existsSync(pinnedNode) || !existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const present = readJson('node_modules/.package-lock.json').packages;
  // Optional packages are those of other systems; npm leaves them out.
  return Object.entries(wanted).every(
    ([place, entry]) =>
      place === '' ||
      (present[place] === undefined ? entry.optional === true : present[place].version === entry.version),
  );
}

function installDependencies() {
  say('Installing dependencies by the lockfile (npm ci) …');
  const startedMs = Date.now();
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Electron's runtime is asked for at the first start that can show a window, not by an install script.
  const env = { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' };
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: root, env, stdio: ['ignore', 2, 2] };
  const npmScript = process.env.npm_execpath;
  const result = npmScript?.endsWith('.js')
    ? spawnSync(process.execPath, [npmScript, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail('`npm ci` failed, see above. Is the package registry reachable?');
  say(`Dependencies installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

function checkPinnedNode() {
  const wanted = `v${readJson('package.json').devDependencies.node}`;
  const found = existsSync(pinnedNode)
    ? spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim() || 'a file that does not run'
    : 'nothing';
  if (found === wanted) return;
  fail(
    `Node ${wanted} should be in node_modules/.bin, but there is ${found}. ` +
      'Its install script may have been blocked: allow it with `npm approve-scripts node`, then run `npm ci`.',
  );
}
