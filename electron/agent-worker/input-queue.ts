import type { AgentInput } from '../../shared/agent/agent-input.ts';

export interface InputHandler {
  handle(input: AgentInput): void;
}

/** Sockets get their turn after so many inputs: a flood of datagrams must not starve transfers. */
const inputsPerTurn = 256;

/**
 * The one way into an agent: inputs are handled one at a time, in order, never from inside a command of the core. Until a
 * handler is attached they wait. Bounded by what is under way: adapters limit sockets, transfers and requests themselves,
 * and datagrams that arrive while `length` is above `busyAbove` are theirs to drop and to count.
 */
export class InputQueue {
  static readonly busyAbove = 10_000;
  readonly #onCrash: (error: unknown, input: AgentInput) => void;
  #waiting: AgentInput[] = [];
  #handler: InputHandler | null = null;
  #turnIsPlanned = false;
  #closed = false;

  /** `onCrash`: the core threw, so its state is not to be trusted any longer; nothing is handled after it. */
  constructor(onCrash: (error: unknown, input: AgentInput) => void) {
    this.#onCrash = onCrash;
  }

  get length(): number {
    return this.#waiting.length;
  }

  attach(handler: InputHandler): void {
    this.#handler = handler;
    this.#planTurn();
  }

  readonly push = (input: AgentInput): void => {
    if (this.#closed) return;
    this.#waiting.push(input);
    this.#planTurn();
  };

  /** Resolves when everything pushed before the call is handled, or the queue is closed. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed) await new Promise((resolve) => setImmediate(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #planTurn(): void {
    if (this.#turnIsPlanned || this.#handler === null || this.#waiting.length === 0) return;
    this.#turnIsPlanned = true;
    setImmediate(() => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#turnIsPlanned = false;
    const turn = this.#waiting.splice(0, inputsPerTurn);
    for (const input of turn) {
      // A handled input may have closed the queue.
      if (this.#closed || this.#handler === null) return;
      try {
        this.#handler.handle(input);
      } catch (error) {
        this.close();
        this.#onCrash(error, input);
        return;
      }
    }
    this.#planTurn();
  }
}
