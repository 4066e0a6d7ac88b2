import type { AgentContext } from './agent-context.ts';
import { sourceBackoffMs } from './claim-times.ts';

/** The pauses after every source has failed, of an agent that fetches for itself or is a lane. Those of a claimer belong to its claim. */
export class DirectBackoff {
  readonly #context: AgentContext;
  #failures = 0;
  #untilMs = 0;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** Nothing is asked for before. */
  get untilMs(): number {
    return this.#untilMs;
  }

  noteFailed(nowMs: number): void {
    this.#failures++;
    this.#untilMs = nowMs + sourceBackoffMs(this.#failures, this.#context.settings.sourceBackoffScale);
  }

  noteStored(): void {
    this.#failures = 0;
  }

  /** The ways to the sources are others now. */
  restart(): void {
    this.#failures = 0;
    this.#untilMs = 0;
  }
}
