import { utilityProcess } from 'electron';
import type { WorkerHandle, WorkerLauncher } from '../fleet/launcher.ts';
import { lineSplitter } from '../fleet/line-splitter.ts';
import { productVersion } from '../fleet/product-version.ts';

/**
 * Starts agent workers as Electron utility processes: the same entry, the same messages as `child_process.fork`, but Electron's
 * own Node runs them and Electron ends them with the application, whatever becomes of it.
 */
export function utilityProcessLauncher(): WorkerLauncher {
  return {
    launch(entry, args, name): WorkerHandle {
      const child = utilityProcess.fork(entry, [...args], {
        serviceName: name,
        env: { ...process.env, FANOUT_VERSION: productVersion() },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let isEnded = false;
      child.once('exit', () => {
        isEnded = true;
      });
      return {
        get pid() {
          return child.pid ?? null;
        },
        send(message) {
          if (!isEnded) child.postMessage(message);
        },
        onMessage(listener) {
          child.on('message', listener);
        },
        onExit(listener) {
          // Electron gives one number, in which an exit code and a signal cannot be told apart on every system.
          child.once('exit', (code) => listener({ code, signal: null }));
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
