import type { AgentId } from '../base/ids.ts';
import { claimTimes } from './claim-times.ts';

/** An own claim under one epoch, and when the others have to hear it: three quick CLAIMs against loss, then one a second. */
export class OwnClaim {
  readonly epoch: number;
  readonly lanes: readonly AgentId[];
  readonly sinceMs: number;
  #sends = 0;
  #lastSentMs: number;
  #answerAtMs = Number.POSITIVE_INFINITY;

  constructor(epoch: number, lanes: readonly AgentId[], nowMs: number) {
    this.epoch = epoch;
    this.lanes = lanes;
    this.sinceMs = nowMs;
    this.#lastSentMs = nowMs;
  }

  /** When the next CLAIM has to go out. */
  get dueMs(): number {
    return Math.min(this.#answerAtMs, this.#scheduledMs);
  }

  noteSent(nowMs: number): void {
    if (nowMs >= this.#scheduledMs) this.#sends++;
    this.#lastSentMs = nowMs;
    this.#answerAtMs = Number.POSITIVE_INFINITY;
  }

  /** Somebody does not know of it: one more CLAIM answers all who speak up in the same moment. */
  answer(nowMs: number): void {
    const earliestMs = Math.max(nowMs, this.#lastSentMs + claimTimes.minClaimSpacingMs);
    this.#answerAtMs = Math.min(this.#answerAtMs, earliestMs);
  }

  get #scheduledMs(): number {
    const quick = claimTimes.claimSendsMs[this.#sends];
    return quick === undefined ? this.#lastSentMs + claimTimes.claimIntervalMs : this.sinceMs + quick;
  }
}
