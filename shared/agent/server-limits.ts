import type { PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import { claimTimes } from './claim-times.ts';

/** As long as a follower's samples of a claimer's pace. */
const sampleMs = claimTimes.slowSampleMs;

/** What the policy's periods mean for one package's transfers from servers: told to people once, and planned for. */
export class ServerLimits {
  readonly #context: AgentContext;
  readonly #key: PackageKey;
  #toldBytesPerSecond = Number.POSITIVE_INFINITY;
  #sample = { atMs: 0, bytes: 0 };
  #bestBytesPerSecond = 0;

  constructor(context: AgentContext, key: PackageKey) {
    this.#context = context;
    this.#key = key;
  }

  /**
   * A claim's promise in bytes per second, for followers that judge its pace; 0 = none. A limit above what the WAN link gives is no promise:
   * more than what has come in some ten seconds before is never said, or each claimer would look slow to the next.
   *
   * @param directBytes of this package so far, blocks under way included
   */
  rateCap(nowMs: number, directBytes: number, isEmergency: boolean): number {
    this.#measure(nowMs, directBytes);
    if (isEmergency) return 0;
    return Math.min(this.#context.generalThrottle.rateCapOf(this.#key), this.#bestBytesPerSecond);
  }

  /**
   * How many more blocks may begin so that all are here before the next blockout would end them. Those that are under way
   * at once share the link.
   */
  roomBeforeBlockout(blockMs: number, underWay: number, nowMs: number, isEmergency: boolean): number {
    if (blockMs === 0) return Number.POSITIVE_INFINITY;
    const leftMs = this.#context.calendar.nextBlockoutMs(isEmergency) - nowMs;
    return Math.max(0, Math.floor(leftMs / blockMs) - underWay);
  }

  /** Something is under way from a server: why it is slow, belongs into the journal, once for each rate. */
  noteThrottle(isEmergency: boolean): void {
    const bytesPerSecond = isEmergency ? Number.POSITIVE_INFINITY : this.#context.generalThrottle.bytesPerSecond;
    if (bytesPerSecond === this.#toldBytesPerSecond) return;
    this.#toldBytesPerSecond = bytesPerSecond;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
    const { journal, calendar } = this.#context;
    journal.decide(this.#key, 'throttled', 'notification-server', null, calendar.throttleSentence);
  }

  #measure(nowMs: number, bytes: number): void {
    const elapsedMs = nowMs - this.#sample.atMs;
    if (elapsedMs < sampleMs) return;
    // A pause before the sample makes it slow, never fast.
    const bytesPerSecond = Math.floor(((bytes - this.#sample.bytes) * 1000) / elapsedMs);
    this.#bestBytesPerSecond = Math.max(this.#bestBytesPerSecond, bytesPerSecond);
    this.#sample = { atMs: nowMs, bytes };
  }
}
