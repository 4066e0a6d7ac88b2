/** Finds a Chromium for the tests of the console, and installs one where that is one command. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The executable that CHROMIUM_PATH names, or one in a usual place, or null. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  return usualPlaces.find((place) => existsSync(place)) ?? null;
}

/**
 * @param {(line: string) => void} say
 * @returns {{ executable: string } | { missing: string }} the executable, or why there is none
 */
export function obtainChromium(say) {
  const found = findChromium();
  if (found !== null) return { executable: found };
  if (process.env.CHROMIUM_PATH)
    return { missing: `CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which is not there` };
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    return { missing: 'no Chromium found; install one or name it in CHROMIUM_PATH' };
  }
  say('Installing Chromium for the tests (apt-get install chromium) …');
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { stdio: 'ignore', timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'], options);
  const installed = findChromium();
  return installed === null ? { missing: 'apt-get could not install chromium' } : { executable: installed };
}
