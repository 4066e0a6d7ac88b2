import { messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';

/** What has to be closed again, in reverse order of opening: after a stop, and after a start that failed half-way. */
export class ClosingSteps {
  readonly #logger: AgentLogger;
  readonly #steps: (() => Promise<void> | void)[] = [];

  constructor(logger: AgentLogger) {
    this.#logger = logger;
  }

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async closeAll(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        // One part that does not close must not keep the others open.
        this.#logger.warn({ reason: messageOf(error) }, 'a part of the agent did not close cleanly');
      }
    }
  }
}
