import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { CommandId, ExecutionOutcome, ExecutionPort } from '../../shared/agent/ports.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import type { InstallationRecord } from '../../shared/contracts/deliveries.ts';
import { messageOf } from './agent-failure.ts';
import type { InstallationRecords } from './installation-records.ts';

type RunCommand = Parameters<ExecutionPort['run']>[0];

/** A program may leave others behind that hold its outputs open: what they write no longer counts. */
const outputAfterExitMs = 500;

/**
 * Runs commands of packages: a file of the package, in the package's folder, without a shell and without input, in a
 * process group of its own. Its environment is that of the agent without the agent's own variables (`FANOUT_…`), plus
 * `FANOUT_PACKAGE_KEY` and `FANOUT_PACKAGE_FOLDER`.
 */
export class ExecutionAdapter implements ExecutionPort {
  readonly #records: InstallationRecords;
  readonly #folderOf: (key: PackageKey) => string | null;
  readonly #push: (input: AgentInput) => void;
  readonly #running = new Set<ChildProcess>();

  constructor(
    records: InstallationRecords,
    folderOf: (key: PackageKey) => string | null,
    push: (input: AgentInput) => void,
  ) {
    this.#records = records;
    this.#folderOf = folderOf;
    this.#push = push;
  }

  note(commandId: CommandId, record: InstallationRecord): void {
    this.#records.save(record).then(
      () => this.#push({ kind: 'installationNoted', commandId, problem: null }),
      (error: unknown) => this.#push({ kind: 'installationNoted', commandId, problem: messageOf(error) }),
    );
  }

  keepOnly(deliveryIds: readonly string[]): void {
    // Where it fails the file is larger than it needs to be, until the next record is saved.
    this.#records.keepOnly(deliveryIds).catch(() => undefined);
  }

  run(command: RunCommand): void {
    const { commandId } = command;
    this.#execute(command).then(
      ({ outcome, output }) => this.#push({ kind: 'executed', commandId, outcome, output }),
      (error: unknown) =>
        this.#push({
          kind: 'executed',
          commandId,
          outcome: { kind: 'could-not-start', detail: messageOf(error) },
          output: '',
        }),
    );
  }

  /** Ends what runs: its intent stays, so that the next life calls it interrupted. */
  close(): void {
    for (const child of this.#running) killGroup(child);
  }

  async #execute({ key, command, timeoutMs, outputLimitBytes }: RunCommand) {
    const folder = this.#folderOf(key);
    if (folder === null) throw new Error('the package is not on the disk');
    const file = path.join(folder, ...command.file.split('/'));
    await makeExecutable(file);
    const child = spawn(file, command.arguments, {
      cwd: folder,
      env: environment(key, folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that everything it starts can be ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: false,
    });
    this.#running.add(child);
    try {
      return await ended(child, timeoutMs, outputLimitBytes);
    } finally {
      this.#running.delete(child);
    }
  }
}

function ended(
  child: ChildProcess,
  timeoutMs: number,
  outputLimitBytes: number,
): Promise<{ readonly outcome: ExecutionOutcome; readonly output: string }> {
  return new Promise((resolve, reject) => {
    let kept: Buffer = Buffer.alloc(0);
    let hasTimedOut = false;
    const keep = (bytes: Buffer): void => {
      kept = Buffer.concat([kept, bytes]).subarray(-outputLimitBytes);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer = setTimeout(() => {
      hasTimedOut = true;
      killGroup(child);
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('exit', (exitCode, signal) => {
      clearTimeout(timer);
      const outcome: ExecutionOutcome = hasTimedOut
        ? { kind: 'timeout' }
        : exitCode === null
          ? { kind: 'signal', signal: signal ?? 'a signal' }
          : { kind: 'exited', exitCode: wholeExitCode(exitCode) };
      const tell = (): void => {
        clearTimeout(late);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ outcome, output: kept.toString('utf8') });
      };
      const late = setTimeout(tell, outputAfterExitMs);
      child.on('close', tell);
    });
  });
}

/** "Restart me" as installers say it. Other systems than Windows keep a byte of it: 194 and 105. */
const restartExitCodes = [3010, 1641];

function wholeExitCode(exitCode: number): number {
  if (process.platform === 'win32') return exitCode;
  return restartExitCodes.find((whole) => (whole & 0xff) === exitCode) ?? exitCode;
}

/** Files of packages have no such mark; where the system asks for one, the command gets it. */
async function makeExecutable(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(file);
  if ((mode & 0o100) === 0) await chmod(file, mode | 0o111);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { windowsHide: true, stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The last of the group has just ended.
  }
}

function environment(key: PackageKey, folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('FANOUT_'));
  return { ...Object.fromEntries(inherited), FANOUT_PACKAGE_KEY: key, FANOUT_PACKAGE_FOLDER: folder };
}
