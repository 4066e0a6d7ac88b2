/** Runs the program that all of this was for, in place of the bootstrap. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fail } from './checkout.mjs';

/**
 * Runs a program with our terminal and ends as it ends. Signals are passed on.
 * @param {string} program @param {readonly string[]} args
 */
export function runInForeground(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', (error) => fail(`${program} could not be started: ${error.message}`));
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the program itself; a second one would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
  });
}
