import type { FromWorker, ToWorker } from '../../shared/contracts/worker-protocol.ts';
import { fromWorkerSchema } from '../../shared/contracts/worker-protocol.ts';
import type { WorkerExit, WorkerHandle } from './launcher.ts';
import type { SupervisorClock } from './supervisor-clock.ts';

export interface WorkerProcessLimits {
  /** From the start of the process to its `ready`; then it counts as hung and is killed. */
  readonly readyWithinMs: number;
  /** From `stop` to SIGTERM: agents say byebye, release their claims and flush. */
  readonly stopWithinMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly terminateWithinMs: number;
}

export const defaultWorkerProcessLimits: WorkerProcessLimits = {
  readyWithinMs: 30_000,
  stopWithinMs: 6_000,
  terminateWithinMs: 2_000,
};

export type SendSignal = (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;

/** Signals a process; one that is already gone is fine. */
export const sendSystemSignal: SendSignal = (pid, signal) => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** What a worker says about one of its agents. */
export type AgentMessage = Exclude<FromWorker, { kind: 'ready' }>;

export interface WorkerProcessEvents {
  onReady(): void;
  onMessage(message: AgentMessage): void;
  /** Once; `reason` is a clause for people, such as "it was killed by SIGKILL". */
  onExit(reason: string): void;
  onOutput(line: string): void;
}

/** One worker process from its start to its end: hung starts are killed, a stop is bounded. Knows no agents. */
export class WorkerProcess {
  readonly #handle: WorkerHandle;
  readonly #clock: SupervisorClock;
  readonly #limits: WorkerProcessLimits;
  readonly #sendSignal: SendSignal;
  readonly #exited: Promise<void>;
  #hasExited = false;
  #isHung = false;
  #stopping: Promise<void> | null = null;

  constructor(
    handle: WorkerHandle,
    clock: SupervisorClock,
    limits: WorkerProcessLimits,
    sendSignal: SendSignal,
    events: WorkerProcessEvents,
  ) {
    this.#handle = handle;
    this.#clock = clock;
    this.#limits = limits;
    this.#sendSignal = sendSignal;
    const cancelReadyDeadline = clock.after(limits.readyWithinMs, () => {
      this.#isHung = true;
      this.kill();
    });
    handle.onMessage((input) => {
      const message = fromWorkerSchema.safeParse(input);
      if (!message.success) {
        events.onOutput(`sent a message that is not in the worker protocol: ${message.error.issues[0]?.message ?? ''}`);
        return;
      }
      if (message.data.kind === 'ready') {
        cancelReadyDeadline();
        events.onReady();
      } else {
        events.onMessage(message.data);
      }
    });
    handle.onOutput((line) => events.onOutput(line));
    this.#exited = new Promise((resolve) => {
      handle.onExit((exit) => {
        this.#hasExited = true;
        cancelReadyDeadline();
        events.onExit(this.#isHung ? 'it was not ready in time' : exitReason(exit));
        resolve();
      });
    });
  }

  /** Null before the system has started it and after its end: a pid may belong to somebody else then. */
  get pid(): number | null {
    return this.#hasExited ? null : this.#handle.pid;
  }

  send(message: ToWorker): void {
    if (!this.#hasExited) this.#handle.send(message);
  }

  /** SIGKILL, as a crash would be. Returns the pid that was hit, or null where there was no process. */
  kill(): number | null {
    const pid = this.pid;
    if (pid !== null) this.#sendSignal(pid, 'SIGKILL');
    return pid;
  }

  /** Asks it to stop, then SIGTERM, then SIGKILL. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  async #stopInOrder(): Promise<void> {
    if (this.#hasExited) return;
    this.send({ kind: 'stop' });
    const cancelTerminate = this.#clock.after(this.#limits.stopWithinMs, () => {
      const pid = this.pid;
      if (pid !== null) this.#sendSignal(pid, 'SIGTERM');
    });
    const cancelKill = this.#clock.after(this.#limits.stopWithinMs + this.#limits.terminateWithinMs, () => {
      this.kill();
    });
    await this.#exited;
    cancelTerminate();
    cancelKill();
  }
}

function exitReason(exit: WorkerExit): string {
  if (exit.signal !== null) return `it was killed by ${exit.signal}`;
  if (exit.code === null) return 'it could not be started';
  return `it ended with code ${exit.code}`;
}
