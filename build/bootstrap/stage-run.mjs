/** Runs one stage of `npm test`: its output goes to a file and is shown when it fails. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from './checkout.mjs';

const maxFailureLines = 400;
const outputFolder = path.join(root, '.cache/test');

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {Record<string, number>} skipped  reason → number of tests
 * @property {string} output  the file with everything that the stage printed
 */

/** Process groups that are running, to be ended with us. @type {Set<number>} */
const runningGroups = new Set();

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    for (const group of runningGroups) endGroup(group, 'SIGTERM');
    process.exit(1);
  });
}

/** @param {number} group @param {NodeJS.Signals} signal */
function endGroup(group, signal) {
  try {
    process.kill(process.platform === 'win32' ? group : -group, signal);
  } catch (error) {
    // ESRCH: it has ended by itself in the meantime.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * @param {import('./stages.mjs').Stage} stage
 * @param {import('./stages.mjs').Command} command
 * @returns {Promise<Outcome>}
 */
export async function runStage(stage, command) {
  mkdirSync(outputFolder, { recursive: true });
  const output = path.join(outputFolder, `${stage.name}.log`);
  const countsFile = path.join(outputFolder, `${stage.name}.json`);
  rmSync(countsFile, { force: true });
  const file = openSync(output, 'w');
  const child = spawn(command.program, command.args, {
    cwd: root,
    detached: process.platform !== 'win32', // its own process group, so that nothing of it is left behind
    stdio: ['ignore', file, file],
    env: { ...process.env, NO_COLOR: '1', ...command.env, FANOUT_TEST_COUNTS: countsFile },
  });
  closeSync(file);
  const group = child.pid;
  if (group !== undefined) runningGroups.add(group);
  const limit = setTimeout(() => group !== undefined && endGroup(group, 'SIGKILL'), stage.limitMinutes * 60_000);
  const isSuccess = await new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
  clearTimeout(limit);
  if (group !== undefined) {
    endGroup(group, 'SIGKILL');
    runningGroups.delete(group);
  }
  return { ...counts(isSuccess, command.isVitest ? countsFile : null), output };
}

/**
 * What to show of a failed stage: from its first failure on; the whole is in the file.
 * @param {Outcome} outcome
 */
export function failureText({ output }) {
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  const firstFailure = lines.findIndex((line) => /⎯ (Failed|Unhandled|Startup Error)/.test(line));
  const shown = lines.slice(Math.max(firstFailure, 0)).slice(0, maxFailureLines);
  const left = lines.length - Math.max(firstFailure, 0) - shown.length;
  return left > 0 ? [...shown, `… ${left} more lines in ${output}`].join('\n') : shown.join('\n');
}

/**
 * @param {boolean} isSuccess
 * @param {string | null} countsFile
 * @returns {Omit<Outcome, 'output'>}
 */
function counts(isSuccess, countsFile) {
  if (countsFile === null) return { passed: isSuccess ? 1 : 0, failed: isSuccess ? 0 : 1, skipped: {} };
  const counted = existsSync(countsFile)
    ? JSON.parse(readFileSync(countsFile, 'utf8'))
    : { passed: 0, failed: 0, skipped: {} };
  // A runner that failed without a failed test (a crash, a deadline) has failed all the same.
  if (!isSuccess && counted.failed === 0) counted.failed = 1;
  return counted;
}
