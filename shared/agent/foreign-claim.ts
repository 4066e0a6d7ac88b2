import type { AgentId } from '../base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../base/units.ts';
import { claimTimes } from './claim-times.ts';
import type { DatagramMessage } from './datagram-message.ts';

type ClaimMessage = Extract<DatagramMessage, { readonly kind: 'claim' }>;

/** Blocks that share a throttled claimer's rate (direct-requests.ts). */
const requestsAtATime = 2;

/** Another agent's claim as it is heard here, and the signs that it is dead, stuck or too slow. */
export class ForeignClaim {
  readonly claimer: AgentId;
  readonly bootId: number;
  /** When it was heard first. */
  readonly sinceMs: number;
  epoch: number;
  lanes: readonly AgentId[];
  failures: number;
  lastHeardMs: number;
  isSuspect = false;
  #rateCapBytesPerSecond: number;
  #progressBytes: number;
  #progressAtMs: number;
  /** When another block's worth of bytes had come over the WAN. */
  #blockAtMs: number;
  /** Since when nothing else explains that no block comes. */
  #judgedSinceMs: number;
  /** Between two of its blocks. Several requests that share a slow link end together, so the last one says little. */
  #longestGapMs = 0;
  /** False until the first block's worth has ended of a claim that was heard in its middle: its gap was not whole. */
  #isGapWhole: boolean;
  /** Held here when this claim was first judged, and when a lane brought the first more. */
  #blocksAtFirst: number | null = null;
  #laneBlockAtMs: number | null = null;
  #probeExtensions = 0;
  #sampleAtMs: number;
  #sampleBytes: number;
  #slowSamples = 0;

  constructor(claimer: AgentId, bootId: number, message: ClaimMessage, nowMs: number) {
    this.claimer = claimer;
    this.bootId = bootId;
    this.sinceMs = nowMs;
    this.epoch = message.epoch;
    this.lanes = message.lanes;
    this.failures = message.failures;
    this.lastHeardMs = nowMs;
    this.#rateCapBytesPerSecond = message.rateCapBytesPerSecond;
    this.#progressBytes = message.progressBytes;
    this.#isGapWhole = message.progressBytes === 0;
    this.#progressAtMs = nowMs;
    this.#blockAtMs = nowMs;
    this.#judgedSinceMs = nowMs;
    this.#sampleAtMs = nowMs;
    this.#sampleBytes = message.progressBytes;
  }

  /** The same claimer again, with the same or a higher epoch. */
  renew(message: ClaimMessage, nowMs: number): void {
    this.epoch = message.epoch;
    this.lanes = message.lanes;
    this.failures = message.failures;
    this.lastHeardMs = nowMs;
    this.isSuspect = false;
    this.#probeExtensions = 0;
    this.#rateCapBytesPerSecond = message.rateCapBytesPerSecond;
    this.#noteProgress(message.progressBytes, nowMs);
  }

  /** A notice or a block of the claimer: a busy computer sends those even when its CLAIMs are late. */
  noteSignOfLife(nowMs: number): void {
    this.isSuspect = false;
    this.lastHeardMs = nowMs;
  }

  /** The probe was answered by a claimer that has been silent: false where it has used up our patience. */
  extend(nowMs: number): boolean {
    this.isSuspect = false;
    this.lastHeardMs = nowMs;
    return this.#probeExtensions++ < claimTimes.maxProbeExtensions;
  }

  needsProbe(nowMs: number): boolean {
    return this.isSuspect || nowMs - this.lastHeardMs >= claimTimes.silentMs;
  }

  /** When `needsProbe` or `isTooSlow` may turn true without a further word. */
  nextCheckMs(): number {
    return Math.min(this.lastHeardMs + claimTimes.silentMs, this.#stuckAtMs());
  }

  /**
   * @param isUpToDate this agent holds all that the claimer holds: a claimer whose window is full because nobody has taken
   *   its blocks yet is not slow
   * @param blocksHere how many this agent holds, whoever brought them
   */
  isTooSlow(nowMs: number, isUpToDate: boolean, blocksHere: number): boolean {
    this.#blocksAtFirst ??= blocksHere;
    if (blocksHere > this.#blocksAtFirst) this.#laneBlockAtMs ??= nowMs;
    if (!isUpToDate) {
      this.#progressAtMs = nowMs;
      this.#judgedSinceMs = nowMs;
      this.#startSample(nowMs);
      this.#slowSamples = 0;
      return false;
    }
    return nowMs >= this.#stuckAtMs() || this.#isUnderQuarterOfCap(nowMs);
  }

  /**
   * Before its first block bytes tell a slow claimer from a stuck one, for a while: another computer may have a better way
   * to the server. Where nobody has, the link is slow, and each claim is given twice the time of the one before.
   * Afterwards its own pace is the measure.
   */
  #stuckAtMs(): number {
    const sinceMs = Math.max(this.#blockAtMs, this.#judgedSinceMs);
    if (this.#longestGapMs === 0) {
      const doublings = Math.min(this.epoch - 1, claimTimes.firstBlockDoublings);
      const firstBlockMs = this.#laneFirstBlockMs(sinceMs) ?? claimTimes.firstBlockMs * this.lanes.length;
      const patienceMs = Math.max(firstBlockMs * (1 << doublings), 4 * this.#throttledBlockMs());
      return Math.min(this.#progressAtMs + claimTimes.stuckMs, sinceMs + patienceMs);
    }
    const blockMs = Math.max(this.#longestGapMs, this.#throttledBlockMs());
    return sinceMs + Math.max(claimTimes.stuckMs, claimTimes.stuckBlockTimes * blockMs);
  }

  /** Several lanes share a link: what another one needed for its first block tells a slow link from a slow claimer. */
  #laneFirstBlockMs(sinceMs: number): number | null {
    if (this.lanes.length === 1 || this.#laneBlockAtMs === null) return null;
    return Math.max(claimTimes.stuckMs, 2 * (this.#laneBlockAtMs - sinceMs));
  }

  /** A throttling period that began just now makes blocks slower than any before: only bytes tell whether they come. */
  #throttledBlockMs(): number {
    if (this.#rateCapBytesPerSecond === 0) return 0;
    return (requestsAtATime * BLOCK_SIZE_BYTES * 1000) / this.#rateCapBytesPerSecond;
  }

  #isUnderQuarterOfCap(nowMs: number): boolean {
    const elapsedMs = nowMs - this.#sampleAtMs;
    if (elapsedMs >= claimTimes.slowSampleMs) {
      const bytesPerSecond = ((this.#progressBytes - this.#sampleBytes) * 1000) / elapsedMs;
      this.#slowSamples = bytesPerSecond * 4 < this.#rateCapBytesPerSecond ? this.#slowSamples + 1 : 0;
      this.#startSample(nowMs);
    }
    return this.#slowSamples >= claimTimes.slowSamples;
  }

  /** What a claimer holds says little of its link: it takes from peers as well. */
  #noteProgress(progressBytes: number, nowMs: number): void {
    if (progressBytes <= this.#progressBytes) return;
    const isBlock = Math.floor(progressBytes / BLOCK_SIZE_BYTES) > Math.floor(this.#progressBytes / BLOCK_SIZE_BYTES);
    this.#progressBytes = progressBytes;
    this.#progressAtMs = nowMs;
    if (!isBlock) return;
    if (this.#isGapWhole) this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#blockAtMs);
    this.#isGapWhole = true;
    this.#blockAtMs = nowMs;
  }

  #startSample(nowMs: number): void {
    this.#sampleAtMs = nowMs;
    this.#sampleBytes = this.#progressBytes;
  }
}
