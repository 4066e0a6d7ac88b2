/** What `npm test` runs, in order, and what each stage needs from the machine. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { pinnedNode, root, scriptOf } from './checkout.mjs';
import { obtainChromium } from './chromium.mjs';
import { findElectronRuntime, hasDisplay } from './electron-runtime.mjs';

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} what  for the person who reads along
 * @property {number} limitMinutes  then it is ended and counts as failed
 * @property {true} [isBesideNext]  runs at the same time as the one after it
 * @property {(say: (line: string) => void) => Command | { missing: string }} prepare
 *
 * @typedef {object} Command
 * @property {string} program
 * @property {readonly string[]} args
 * @property {Record<string, string>} [env]
 * @property {boolean} [isVitest]  counts its tests itself; every other command counts as one test
 */

/** @param {string} packageName @param {readonly string[]} args @param {string} [command] @returns {Command} */
function tool(packageName, args, command) {
  return { program: pinnedNode, args: [scriptOf(packageName, command), ...args] };
}

/** @param {string[]} projects @returns {Command} */
function vitest(...projects) {
  const reporters = ['--reporter=default', `--reporter=${path.join(root, 'build/counting-reporter.ts')}`];
  return {
    ...tool('vitest', ['run', ...projects.flatMap((project) => ['--project', project]), ...reporters]),
    isVitest: true,
  };
}

/** @param {string} command */
function isCommand(command) {
  return spawnSync(command, ['--help'], { stdio: 'ignore' }).error === undefined;
}

/** @returns {Command | { missing: string }} */
function electronTests() {
  if (findElectronRuntime() === null) {
    return { missing: 'no Electron runtime (`npx install-electron`, or name one in ELECTRON_OVERRIDE_DIST_PATH)' };
  }
  const command = vitest('electron');
  if (hasDisplay()) return command;
  if (!isCommand('xvfb-run')) return { missing: 'no display and no xvfb-run' };
  return { ...command, program: 'xvfb-run', args: ['-a', command.program, ...command.args] };
}

/** @returns {Command | { missing: string }} */
function labTests() {
  if (process.platform !== 'linux') return { missing: 'network namespaces exist on Linux only' };
  if (process.getuid?.() !== 0) return { missing: 'network namespaces need root' };
  if (!isCommand('ip') || !isCommand('tc')) return { missing: 'no `ip` or no `tc` command (Debian: iproute2)' };
  if (!isCommand('curl')) return { missing: 'no `curl` command' };
  return vitest('lab', 'lab-alone');
}

/** @type {readonly Stage[]} */
export const stages = [
  {
    name: 'types',
    what: 'every layer compiles',
    limitMinutes: 5,
    isBesideNext: true,
    prepare: () => tool('typescript', ['-b'], 'tsc'),
  },
  {
    name: 'lint',
    what: 'Biome',
    limitMinutes: 3,
    isBesideNext: true,
    prepare: () => tool('@biomejs/biome', ['check', '.'], 'biome'),
  },
  { name: 'unused', what: 'knip', limitMinutes: 3, isBesideNext: true, prepare: () => tool('knip', []) },
  {
    name: 'build',
    what: 'every bundle that is stale',
    limitMinutes: 5,
    prepare: () => ({ program: pinnedNode, args: [path.join(root, 'build/build.ts')] }),
  },
  { name: 'unit', what: 'layers and units', limitMinutes: 8, prepare: () => vitest('unit') },
  { name: 'contracts', what: 'port suites', limitMinutes: 8, prepare: () => vitest('contracts') },
  { name: 'sim', what: 'simulated networks', limitMinutes: 10, prepare: () => vitest('sim') },
  { name: 'loopback', what: 'real sockets', limitMinutes: 15, prepare: () => vitest('loopback') },
  { name: 'soak', what: 'a share of every campaign', limitMinutes: 10, prepare: () => vitest('soak') },
  {
    name: 'e2e',
    what: 'the console in Chromium',
    limitMinutes: 15,
    prepare: (say) => {
      const chromium = obtainChromium(say);
      return 'missing' in chromium ? chromium : { ...vitest('e2e'), env: { CHROMIUM_PATH: chromium.executable } };
    },
  },
  { name: 'electron', what: 'the desktop application', limitMinutes: 15, prepare: electronTests },
  { name: 'lab', what: 'network namespaces', limitMinutes: 20, prepare: labTests },
];
