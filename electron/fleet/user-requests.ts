import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import type { ToWorker } from '../../shared/contracts/worker-protocol.ts';
import type { SupervisorClock } from './supervisor-clock.ts';

/** An agent answers within a turn of its core; a worker that does not is hung. */
const answerWithinMs = 5000;

/** What was asked of agents for the people at their computers, and not answered yet. */
export class UserRequests {
  readonly #clock: SupervisorClock;
  readonly #waiting = new Map<number, (answer: UserAnswer) => void>();
  #nextRequestId = 1;

  constructor(clock: SupervisorClock) {
    this.#clock = clock;
  }

  ask(name: string, action: UserAction, send: (message: ToWorker) => void): Promise<UserAnswer> {
    const requestId = this.#nextRequestId++;
    return new Promise((resolve) => {
      const cancelDeadline = this.#clock.after(answerWithinMs, () => this.answered(requestId, noAnswer(name)));
      this.#waiting.set(requestId, (answer) => {
        cancelDeadline();
        resolve(answer);
      });
      send({ kind: 'user-action', name, requestId, action });
    });
  }

  answered(requestId: number, answer: UserAnswer): void {
    this.#waiting.get(requestId)?.(answer);
    this.#waiting.delete(requestId);
  }
}

export function noAnswer(name: string): UserAnswer {
  return { accepted: false, message: `The agent ${name} does not answer.` };
}
