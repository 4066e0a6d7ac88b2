import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { UserPort } from '../../shared/agent/ports.ts';
import type { UserAction, UserAnswer, UserNotice } from '../../shared/contracts/user-control.ts';

const stoppingAnswer: UserAnswer = { accepted: false, message: 'The agent is stopping.' };

/** User port: brings what a person asks to the core, and its answer back. */
export class UserDesk implements UserPort {
  readonly #push: (input: AgentInput) => void;
  readonly #onNotice: (notice: UserNotice) => void;
  readonly #waiting = new Map<number, (answer: UserAnswer) => void>();
  #nextRequestId = 1;
  #isClosed = false;

  constructor(push: (input: AgentInput) => void, onNotice: (notice: UserNotice) => void) {
    this.#push = push;
    this.#onNotice = onNotice;
  }

  /** Answered within a turn of the core; after `close` at once. */
  ask(action: UserAction): Promise<UserAnswer> {
    if (this.#isClosed) return Promise.resolve(stoppingAnswer);
    return new Promise((resolve) => {
      const requestId = this.#nextRequestId++;
      this.#waiting.set(requestId, resolve);
      this.#push({ kind: 'userRequested', requestId, action });
    });
  }

  answer(requestId: number, answer: UserAnswer): void {
    this.#waiting.get(requestId)?.(answer);
    this.#waiting.delete(requestId);
  }

  notify(notice: UserNotice): void {
    this.#onNotice(notice);
  }

  /** The core answers no longer. */
  close(): void {
    this.#isClosed = true;
    for (const resolve of this.#waiting.values()) resolve(stoppingAnswer);
    this.#waiting.clear();
  }
}
