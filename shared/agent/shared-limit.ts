import { halvedShare, shareHalvesMs } from '../base/share-halving.ts';
import type { AgentContext } from './agent-context.ts';
import type { AgentPorts } from './ports.ts';
import { RateDivider } from './rate-divider.ts';
import { WakeUp } from './timers.ts';

/** The Notification Server heeds a use for 10 s. */
const tellEveryMs = 3000;
/** More answers at a time than get so much each would end late, all of them. */
const leastRateBytesPerSecond = 64_000;
const fewestAnswers = 2;

/** What it takes from the agent. */
export type SharedLimitContext = Pick<AgentContext, 'timers' | 'nowMs'> & {
  readonly ports: Pick<AgentPorts, 'clock'>;
};

export interface SharedLimitOwner {
  /** The rate of an answer under the limit is another one now. */
  rateChanged(requestId: number, bytesPerSecond: number): void;
  /** Told at most every few seconds, and while answers are under way. */
  tellUse(): void;
}

/**
 * A limit that this Package Server has in common with other senders, and its share of it, which the Notification Server tells
 * by the feed; without a word the share halves every minute, because it may be another's by then.
 */
export class SharedLimit {
  /** Answers under the same limit may hand each other what they leave of their rates, others may not. */
  readonly paceGroup: string;
  readonly #context: SharedLimitContext;
  readonly #owner: SharedLimitOwner;
  readonly #rates: RateDivider<number>;
  readonly #halvesWakeUp: WakeUp;
  readonly #useWakeUp: WakeUp;
  #toldBytesPerSecond = 0;
  #toldAtMs = 0;
  #toldUseAtMs = Number.NEGATIVE_INFINITY;

  constructor(paceGroup: string, context: SharedLimitContext, owner: SharedLimitOwner) {
    this.paceGroup = paceGroup;
    this.#context = context;
    this.#owner = owner;
    this.#rates = new RateDivider((requestId, rate) => owner.rateChanged(requestId, rate));
    this.#halvesWakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#changed());
    this.#useWakeUp = new WakeUp(context.ports.clock, context.timers, () => {
      if (this.#rates.size > 0) this.noteUse();
    });
  }

  /** Null = unlimited. */
  told(bytesPerSecond: number | null): void {
    this.#toldBytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#toldAtMs = this.#context.nowMs();
    this.#changed();
  }

  /** What was told holds no longer. */
  forget(): void {
    this.told(0);
  }

  /** At this moment; Infinity = unlimited. */
  get bytesPerSecond(): number {
    return halvedShare(this.#toldBytesPerSecond, this.#context.nowMs() - this.#toldAtMs);
  }

  /** Whether another answer would get a rate that is worth having. */
  get hasRoom(): boolean {
    const share = this.bytesPerSecond;
    return share >= 1 && this.#rates.size < Math.max(fewestAnswers, share / leastRateBytesPerSecond);
  }

  /** False where there is nothing that could be used, and nothing is. */
  get isAlive(): boolean {
    return this.#rates.size > 0 || this.bytesPerSecond > 0;
  }

  /** Returns the rate of the answer. */
  begun(requestId: number): number {
    return this.#rates.add(requestId);
  }

  ended(requestId: number): void {
    this.#rates.remove(requestId);
  }

  /** Something is sent under the limit, or would be if it might. */
  noteUse(): void {
    const nowMs = this.#context.nowMs();
    this.#useWakeUp.noLaterThan(Math.max(nowMs + 1, this.#toldUseAtMs + tellEveryMs));
    if (nowMs - this.#toldUseAtMs < tellEveryMs) return;
    this.#toldUseAtMs = nowMs;
    this.#useWakeUp.setAt(nowMs + tellEveryMs);
    this.#owner.tellUse();
  }

  #changed(): void {
    const share = this.bytesPerSecond;
    const isLasting = share === 0 || share === Number.POSITIVE_INFINITY;
    // Ages are no whole numbers: what is left until the next half may be too little to be seen on any clock.
    const halvesInMs = Math.max(1, shareHalvesMs - ((this.#context.nowMs() - this.#toldAtMs) % shareHalvesMs));
    this.#halvesWakeUp.setAt(isLasting ? Number.POSITIVE_INFINITY : this.#context.nowMs() + halvesInMs);
    // What is under way when nothing may be sent any more ends as it began: standing still it would look broken.
    if (share >= 1) this.#rates.setLimit(share);
  }
}
