/** Finds Electron's runtime, and asks for it once where it is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pinnedNode, readJson, root, say } from './checkout.mjs';

const packageDir = path.join(root, 'node_modules/electron');
const refusalFile = path.join(root, 'node_modules/.fanout-electron');
const askTimeoutMs = 120_000;

/** Whether a window could be shown at all. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);
}

/** The executable of the runtime that ELECTRON_OVERRIDE_DIST_PATH names or that the npm package has, or null. */
export function findElectronRuntime() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const pathFile = path.join(packageDir, 'path.txt');
  const relative = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const executable = path.join(override || path.join(packageDir, 'dist'), relative);
  return existsSync(executable) ? executable : null;
}

/**
 * The runtime, downloaded if it was never asked for. A refusal is remembered with the version, because waiting for the
 * same answer at every start helps nobody.
 * @returns {{ executable: string } | { missing: string }} the executable, or why there is none
 */
export function obtainElectronRuntime() {
  const found = findElectronRuntime();
  if (found !== null) return { executable: found };
  const { version } = readJson('node_modules/electron/package.json');
  if (existsSync(refusalFile) && readFileSync(refusalFile, 'utf8') === version) {
    return { missing: `Electron ${version} could not be downloaded before (\`npx install-electron\` asks again)` };
  }
  say(`Downloading Electron ${version} (asked for once, ${askTimeoutMs / 1000} s at most) …`);
  spawnSync(pinnedNode, [path.join(packageDir, 'install.js')], { cwd: root, stdio: 'ignore', timeout: askTimeoutMs });
  const downloaded = findElectronRuntime();
  if (downloaded !== null) return { executable: downloaded };
  writeFileSync(refusalFile, version);
  return { missing: `Electron ${version} could not be downloaded` };
}
