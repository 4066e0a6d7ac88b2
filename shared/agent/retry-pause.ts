import { doublingBackoffMs } from '../base/back-off.ts';
import type { AgentContext } from './agent-context.ts';
import type { TimerId } from './timers.ts';

const firstMs = 5000;
export const longestRetryPauseMs = 300_000;

/** Between a failure and the next try; each is twice the one before, until something succeeds. */
export class RetryPause {
  readonly #context: AgentContext;
  #timer: TimerId | null = null;
  #failures = 0;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  get isUnderWay(): boolean {
    return this.#timer !== null;
  }

  /** @param lengthMs null = by the number of failures */
  begin(lengthMs: number | null, ended: () => void): void {
    const doubledMs = doublingBackoffMs(firstMs, this.#failures, longestRetryPauseMs);
    this.#failures++;
    this.#timer = this.#context.timers.after(lengthMs ?? doubledMs, () => {
      this.#timer = null;
      ended();
    });
  }

  /** False where there was none. */
  cancel(): boolean {
    if (this.#timer === null) return false;
    this.#context.timers.cancel(this.#timer);
    this.#timer = null;
    return true;
  }

  noteSuccess(): void {
    this.#failures = 0;
  }
}
