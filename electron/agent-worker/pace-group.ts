import { performance } from 'node:perf_hooks';
import type { PacerClock } from '../../shared/base/fair-pacer.ts';
import { FairPacer } from '../../shared/base/fair-pacer.ts';

export const systemPacerClock: PacerClock = {
  nowMs: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.max(1, Math.ceil(delayMs)));
    return () => clearTimeout(timer);
  },
};

/**
 * The streams under one limit of the policy. The core gives each stream an equal share of the limit; together they never
 * pass more than the sum of their shares, and what one does not use goes to those that would take more (max-min). Streams
 * without a limit pass freely and share nothing.
 */
export class PaceGroup {
  readonly #pacer: FairPacer;
  /** Finite ones only. */
  readonly #shares = new Map<PacedStream, number>();
  #sumBytesPerSecond = 0;

  /** `burstSeconds` at the limit may pass at once after a pause. */
  constructor({ clock = systemPacerClock, burstSeconds = 0.05 }: { clock?: PacerClock; burstSeconds?: number } = {}) {
    this.#pacer = new FairPacer(0, clock, burstSeconds);
  }

  /** `turnName`: whom the stream serves; streams with the same one share a turn. Ends with `leave`. */
  join(bytesPerSecond: number, turnName: string): PacedStream {
    const stream = new PacedStream(this.#pacer, turnName, (share) => {
      if (share === null || share === Number.POSITIVE_INFINITY) this.#withdraw(stream);
      else this.#share(stream, share);
    });
    stream.setRate(bytesPerSecond);
    return stream;
  }

  /** No stream with a limit is in it. */
  get isIdle(): boolean {
    return this.#shares.size === 0;
  }

  #share(stream: PacedStream, bytesPerSecond: number): void {
    this.#sumBytesPerSecond += bytesPerSecond - (this.#shares.get(stream) ?? 0);
    this.#shares.set(stream, bytesPerSecond);
    this.#pacer.setRate(this.#sumBytesPerSecond);
  }

  #withdraw(stream: PacedStream): void {
    const share = this.#shares.get(stream);
    if (share === undefined) return;
    this.#shares.delete(stream);
    this.#sumBytesPerSecond -= share;
    if (this.#shares.size > 0) {
      this.#pacer.setRate(this.#sumBytesPerSecond);
    } else {
      // The rate stays until the next stream comes, so that a debt is paid off meanwhile; errors of rounding end here.
      this.#sumBytesPerSecond = 0;
    }
  }
}

/** One stream of bytes in a group. Its rate may change at any time, in the middle of a wait too. */
export class PacedStream {
  readonly #pacer: FairPacer;
  readonly #turnName: string;
  readonly #onShare: (bytesPerSecond: number | null) => void;
  #bytesPerSecond = Number.NaN;
  /** What the wait is for. */
  #owedBytes = 0;
  /** The bytes of the wait have passed already. */
  #hasPassed = false;
  #hasLeft = false;
  #resume: (() => void) | null = null;
  #giveUp: (() => void) | null = null;

  constructor(pacer: FairPacer, turnName: string, onShare: (bytesPerSecond: number | null) => void) {
    this.#pacer = pacer;
    this.#turnName = turnName;
    this.#onShare = onShare;
  }

  /** What to move at a time, so that the pace is even. */
  stepBytes(maximum: number): number {
    return this.#isUnlimited ? maximum : Math.min(maximum, this.#pacer.sliceBytes);
  }

  /** True where `bytes` may pass at once, else `resume` is called when they may. One wait at a time. */
  ask(bytes: number, resume: () => void): boolean {
    this.#hasPassed = false;
    return this.#wait(bytes, resume);
  }

  /**
   * Counts `bytes` that have passed; true where the next may follow at once, else `resume` is called when it may. What
   * passes during the wait makes it longer; then the first `resume` counts.
   */
  pass(bytes: number, resume: () => void): boolean {
    this.#hasPassed = true;
    return this.#wait(bytes, resume);
  }

  /** Bytes per second, Infinity = unlimited, 0 = not now. Acts at once. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#bytesPerSecond || this.#hasLeft) return;
    this.#bytesPerSecond = bytesPerSecond;
    this.#onShare(bytesPerSecond);
    if (this.#resume === null) return;
    // Another finite rate changes nothing for who waits already: the place in the turns is kept.
    if (this.#isUnlimited || bytesPerSecond === 0) this.#stopAsking();
    if (this.#isUnlimited) this.#paid();
    else if (this.#giveUp === null) this.#askForOwed();
  }

  /** What has passed stays counted, what was only asked for does not. */
  leave(): void {
    this.#hasLeft = true;
    const isInDebt = this.#resume !== null && this.#hasPassed;
    this.#stopAsking();
    this.#resume = null;
    if (isInDebt) this.#pacer.charge(this.#owedBytes);
    this.#onShare(null);
  }

  get #isUnlimited(): boolean {
    return this.#bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  #wait(bytes: number, resume: () => void): boolean {
    if (this.#isUnlimited) return true;
    this.#owedBytes += bytes;
    if (this.#resume !== null) return false;
    let isPaid = false;
    let hasReturned = false;
    this.#resume = () => {
      isPaid = true;
      if (hasReturned) resume();
    };
    this.#askForOwed();
    hasReturned = true;
    return isPaid;
  }

  #askForOwed(): void {
    if (this.#bytesPerSecond === 0) return;
    const bytes = this.#owedBytes;
    let isGranted = false;
    const giveUp = this.#pacer.ask(
      bytes,
      () => {
        isGranted = true;
        this.#granted(bytes);
      },
      this.#turnName,
    );
    if (!isGranted) this.#giveUp = giveUp;
  }

  #granted(bytes: number): void {
    this.#giveUp = null;
    this.#owedBytes -= bytes;
    if (this.#owedBytes > 0) this.#askForOwed();
    else this.#paid();
  }

  #paid(): void {
    const resume = this.#resume;
    this.#resume = null;
    this.#owedBytes = 0;
    resume?.();
  }

  #stopAsking(): void {
    this.#giveUp?.();
    this.#giveUp = null;
  }
}
