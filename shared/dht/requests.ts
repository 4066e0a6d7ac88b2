import type { RandomPort } from '../base/prng.ts';
import type { Contact } from './contact.ts';
import type { DhtAnswer, DhtRequest } from './messages.ts';

/** A LAN answers within milliseconds; a computer under full load may need so long. */
export const requestTimeoutMs = 1000;
/** Not answered by then: a lookup asks somebody else meanwhile. */
const slowAfterMs = 200;
/** Eight lookups with five each, a round of STOREs to 200 nodes, and pings. More are not sent, as if they were lost. */
const maxPending = 256;

export interface RequestOutcome {
  answered(answer: DhtAnswer, nowMs: number): void;
  slow(nowMs: number): void;
  /** Not answered in time. */
  failed(nowMs: number): void;
}

interface Pending {
  readonly contact: Contact;
  readonly sentAtMs: number;
  readonly outcome: RequestOutcome;
  isSlow: boolean;
}

/** Requests under way: numbers them, matches answers by number and sender, and tells who did not answer. */
export class Requests {
  readonly #send: (to: Contact, request: DhtRequest) => void;
  /** In the order of sending, and so of timing out. */
  readonly #pending = new Map<number, Pending>();
  #nextId: number;

  constructor(random: RandomPort, send: (to: Contact, request: DhtRequest) => void) {
    this.#send = send;
    // A start that others cannot know: answers of an earlier life match nothing.
    this.#nextId = random.below(2 ** 31);
  }

  /** `make` gets the number of the request. False where too many are under way: then nothing was sent. */
  send(contact: Contact, nowMs: number, make: (requestId: number) => DhtRequest, outcome: RequestOutcome): boolean {
    if (this.#pending.size >= maxPending) return false;
    const requestId = this.#nextId;
    this.#nextId = (this.#nextId + 1) % 2 ** 32;
    this.#pending.set(requestId, { contact, sentAtMs: nowMs, outcome, isSlow: false });
    this.#send(contact, make(requestId));
    return true;
  }

  /** An answer to no request, a late one or one of somebody else is dropped. */
  receive(from: Contact, answer: DhtAnswer, nowMs: number): void {
    const pending = this.#pending.get(answer.requestId);
    if (pending === undefined || pending.contact.agentId !== from.agentId) return;
    this.#pending.delete(answer.requestId);
    pending.outcome.answered(answer, nowMs);
  }

  /** Tells what has become slow or failed; returns when to look again. */
  step(nowMs: number): number {
    // What is sent meanwhile comes last, and is not due.
    for (const [requestId, pending] of this.#pending) {
      if (nowMs < pending.sentAtMs + slowAfterMs) break;
      if (nowMs >= pending.sentAtMs + requestTimeoutMs) {
        this.#pending.delete(requestId);
        pending.outcome.failed(nowMs);
      } else if (!pending.isSlow) {
        pending.isSlow = true;
        pending.outcome.slow(nowMs);
      }
    }
    return this.#nextLookMs();
  }

  #nextLookMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { sentAtMs, isSlow } of this.#pending.values()) {
      if (!isSlow) return Math.min(nextMs, sentAtMs + slowAfterMs);
      nextMs = Math.min(nextMs, sentAtMs + requestTimeoutMs);
    }
    return nextMs;
  }
}
