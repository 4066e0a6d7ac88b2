import type { ToWorker } from '../../shared/contracts/worker-protocol.ts';

/** How a worker process ended. `signal` is null where the launcher cannot tell. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One running worker process. Every listener is called until the exit, `onExit` exactly once. */
export interface WorkerHandle {
  /** Null until the system has started the process, and where it could not. */
  readonly pid: number | null;
  /** Messages to a process that has ended are dropped: its exit tells. */
  send(message: ToWorker): void;
  /** Messages arrive unparsed: the supervisor checks them against the contract. */
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (exit: WorkerExit) => void): void;
  /** A line that the process printed, for the journal of the server. */
  onOutput(listener: (line: string) => void): void;
}

/**
 * Starts worker processes: `child_process.fork` under Node, `utilityProcess.fork` under Electron. The process must see its
 * parent's end (a closed message channel) and exit by itself then.
 */
export interface WorkerLauncher {
  /** @param entry file to run @param name shown in process lists where the system can. */
  launch(entry: string, args: readonly string[], name: string): WorkerHandle;
}
