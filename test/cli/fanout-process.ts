import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import path from 'node:path';

const cliBundle = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');

export interface FanoutRun {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Runs the built `fanout` command as a person would, in a process of its own without a terminal; `input` is all of its standard input. */
export function fanout(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input = ''): FanoutRun {
  const child = spawn(process.execPath, [cliBundle, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  // A command that wants nothing to read may have ended before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** The whole run: exit code and both outputs. */
export async function runFanout(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input = '') {
  const run = fanout(args, environment, input);
  const exitCode = await run.ended;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr() };
}

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The processes that descend from one, as Linux tells them; empty elsewhere. */
export async function childProcessIds(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map(Number);
}
