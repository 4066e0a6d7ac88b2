/** A process of the desktop application, started as it is built or as it is packaged: what it prints, and how it ends. */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { descendantsOf, waitForEnd } from './processes.ts';

export interface StartedApplication {
  readonly dataFolder: string;
  readonly pid: number;
  /** Everything the main process has printed. */
  readonly output: () => string;
  /** Ends it if it still runs, and waits until all its processes are gone; the data stays. The exit code, or null after a signal. */
  readonly quit: () => Promise<number | null>;
  /** Ends it likewise, and deletes its data. */
  readonly dispose: () => Promise<void>;
}

/** What the process has printed before is lost. */
export function startedApplication(child: ChildProcess, dataFolder: string): StartedApplication {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${child.spawnfile} did not start`);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve));
  const quit = async () => {
    const processes = [pid, ...descendantsOf(pid)];
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await waitForEnd(processes);
    return await exitCode;
  };
  return {
    dataFolder,
    pid,
    output: () => output,
    quit,
    async dispose() {
      await quit();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
