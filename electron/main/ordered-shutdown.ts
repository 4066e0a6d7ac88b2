/** What is stopped, first to last: nobody sees a dying server, and agents can still say goodbye to a living one. */
export const shutdownStages = ['window', 'status', 'fleet', 'server'] as const;
export type ShutdownStage = (typeof shutdownStages)[number];

export interface StageOutcome {
  readonly stage: ShutdownStage;
  readonly result: 'stopped' | 'failed' | 'timed-out';
  readonly detail: string;
}

interface StoppablePart {
  readonly deadlineMs: number;
  readonly stop: () => Promise<void> | void;
}

/**
 * Stops the parts of the application one after the other, each within its own deadline: one that hangs or fails never keeps
 * the next from being stopped. It does not end the process.
 */
export class OrderedShutdown {
  readonly #parts = new Map<ShutdownStage, StoppablePart>();
  readonly #stopping = new AbortController();
  #ending: Promise<readonly StageOutcome[]> | undefined;

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Fires when stopping begins: for a start that is still under way. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Register a part before it is started: a stop that comes in the middle of its start then waits for it, within the deadline.
   * A stage that is registered again replaces its predecessor.
   */
  register(stage: ShutdownStage, part: StoppablePart): void {
    this.#parts.set(stage, part);
  }

  /** Always the same end, however often and from wherever it is asked for. Never rejects. */
  stopAll(): Promise<readonly StageOutcome[]> {
    this.#ending ??= this.#stopInOrder();
    return this.#ending;
  }

  async #stopInOrder(): Promise<readonly StageOutcome[]> {
    this.#stopping.abort();
    const outcomes: StageOutcome[] = [];
    for (const stage of shutdownStages) {
      const part = this.#parts.get(stage);
      if (part !== undefined) outcomes.push(await stopWithin(stage, part));
    }
    return outcomes;
  }
}

async function stopWithin(stage: ShutdownStage, part: StoppablePart): Promise<StageOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<StageOutcome>((resolve) => {
    const detail = `did not stop within ${part.deadlineMs} ms`;
    timer = setTimeout(() => resolve({ stage, result: 'timed-out', detail }), part.deadlineMs);
  });
  try {
    return await Promise.race([stopPart(stage, part), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function stopPart(stage: ShutdownStage, part: StoppablePart): Promise<StageOutcome> {
  try {
    await part.stop();
    return { stage, result: 'stopped', detail: '' };
  } catch (error) {
    return { stage, result: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}
