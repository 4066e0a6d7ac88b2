/** Programs on the lab's computers: started in their namespace, weighed by the kernel, ended with the lab. */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { cpuSecondsOf, rssMibOf } from '../process-costs.ts';

const stopWithinMs = 15_000;
const maximumOutputBytes = 64 * 1024 * 1024;

export interface LabProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** User and system time of all its threads, and of its children that have ended. */
  cpuSeconds(): number;
  /** Highest VmRSS since its start. */
  rssPeakMib(): number;
  kill(): Promise<void>;
}

export class LabProcesses {
  readonly #running = new Set<ChildProcess>();

  /**
   * Starts a program; its standard output is to be read by the caller.
   * @param logFile where its standard error goes; the caller's by default
   */
  start(namespace: string, program: string, words: readonly string[], logFile?: string): LabProcess {
    const errors = logFile === undefined ? 'inherit' : openSync(logFile, 'a');
    const child = spawn('ip', ['netns', 'exec', namespace, program, ...words], { stdio: ['ignore', 'pipe', errors] });
    if (errors !== 'inherit') closeSync(errors);
    return this.#keep(child);
  }

  /** Starts a Node program with a message channel, as the fleet supervisor starts a worker. */
  startWorker(namespace: string, entry: string, logFile: string, nodeOptions: readonly string[] = []): LabProcess {
    const log = openSync(logFile, 'a');
    const child = fork(entry, [], {
      // `ip netns exec` becomes the program: the process and the channel are the worker's.
      execPath: 'ip',
      execArgv: ['netns', 'exec', namespace, process.execPath, ...nodeOptions],
      env: { ...process.env, FANOUT_LOG_LEVEL: 'warn' },
      serialization: 'json',
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    return this.#keep(child);
  }

  /** Runs a program to its end and gives its standard output; rejects where it fails or takes longer. */
  async run(namespace: string, program: string, words: readonly string[], withinMs: number): Promise<string> {
    const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', namespace, program, ...words], {
      timeout: withinMs,
      killSignal: 'SIGKILL',
      maxBuffer: maximumOutputBytes,
    });
    return stdout;
  }

  /** Stops everything, the last started first. */
  async stopAll(): Promise<void> {
    for (const child of [...this.#running].reverse()) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      if (this.#running.has(child)) await once(child, 'exit');
      clearTimeout(timer);
    }
  }

  #keep(child: ChildProcess): LabProcess {
    const { pid } = child;
    if (pid === undefined) throw new Error('`ip` could not be started');
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    const kill = async (): Promise<void> => {
      if (!this.#running.has(child)) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    return { child, pid, cpuSeconds: () => cpuSecondsOf(pid), rssPeakMib: () => rssMibOf(pid, 'VmHWM'), kill };
  }
}

/** The next line that a program prints; rejects where it ends without one. */
export async function firstLine({ child }: LabProcess): Promise<string> {
  if (child.stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${child.spawnargs.join(' ')} ended without a word`);
}
