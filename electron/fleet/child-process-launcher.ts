import { fork } from 'node:child_process';
import type { WorkerHandle, WorkerLauncher } from './launcher.ts';
import { lineSplitter } from './line-splitter.ts';
import { productVersion } from './product-version.ts';

export interface ChildProcessLauncherOptions {
  /** What runs the worker; the executable of this process by default. */
  readonly executable?: string;
  /** Options for the executable, before the entry. */
  readonly executableArgs?: readonly string[];
}

/** Starts workers with `child_process.fork`: message channel, both outputs read line by line, no terminal signals. */
export function childProcessLauncher(options: ChildProcessLauncherOptions = {}): WorkerLauncher {
  return {
    launch(entry, args): WorkerHandle {
      const child = fork(entry, [...args], {
        execPath: options.executable ?? process.execPath,
        execArgv: [...(options.executableArgs ?? [])],
        env: { ...process.env, FANOUT_VERSION: productVersion() },
        serialization: 'json',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        // A group of its own: Ctrl+C in the terminal reaches the parent alone, which stops its workers in order.
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      return {
        get pid() {
          return child.pid ?? null;
        },
        send(message) {
          // The channel can close at any moment; the exit that follows is what counts.
          if (child.connected) child.send(message, () => undefined);
        },
        onMessage(listener) {
          child.on('message', listener);
        },
        onExit(listener) {
          let isTold = false;
          const tell = (code: number | null, signal: string | null) => {
            if (isTold) return;
            isTold = true;
            listener({ code, signal });
          };
          child.once('exit', tell);
          child.on('error', () => {
            // Also emitted when a message or a signal could not be delivered; only a process without a pid never started.
            if (child.pid === undefined) tell(null, null);
          });
        },
        onOutput(listener) {
          for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding('utf8');
            stream?.on('data', lineSplitter(listener));
          }
        },
      };
    },
  };
}
