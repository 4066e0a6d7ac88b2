import { TokenBucket } from '../../../shared/base/token-bucket.ts';

/** Time as the pacer sees it; a parameter so that tests count instead of waiting. */
export interface PacerClock {
  /** Monotonic. */
  nowMs(): number;
  /** Returns how to cancel it. */
  schedule(delayMs: number, run: () => void): () => void;
}

export const systemClock: PacerClock = {
  nowMs: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
};

interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

const maximumSliceBytes = 64 * 1024;
const minimumSliceBytes = 2 * 1024;
/** A slice takes this long at the limit: short enough that a changed limit and a new answer are felt at once. */
const sliceSeconds = 0.02;
/** What may pass at once after a pause. Covers a late timer, and is too little to be seen on the link. */
const burstSeconds = 0.05;

/**
 * The WAN limit into one site, enforced at the source: one bucket that all answers to the site share. Each answer asks
 * for one slice at a time and is served in the order of asking, so that they get equal parts. Knows no sockets.
 */
export class SitePacer {
  readonly #clock: PacerClock;
  readonly #bucket: TokenBucket;
  readonly #waiting: Waiting[] = [];
  #isHeadCharged = false;
  #isPumping = false;
  #cancelTimer: (() => void) | null = null;

  /** `bytesPerSecond` Infinity = unlimited. */
  constructor(bytesPerSecond: number, clock: PacerClock = systemClock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(bytesPerSecond, burstBytes(bytesPerSecond), clock.nowMs());
  }

  get isUnlimited(): boolean {
    return this.#bucket.bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  /** How much an answer should ask for at a time. */
  get sliceBytes(): number {
    if (this.isUnlimited) return maximumSliceBytes;
    const slice = Math.floor(this.#bucket.bytesPerSecond * sliceSeconds);
    return Math.min(maximumSliceBytes, Math.max(minimumSliceBytes, slice));
  }

  /** Takes effect on answers that are running. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#bucket.bytesPerSecond) return;
    this.#bucket.setRate(bytesPerSecond, burstBytes(bytesPerSecond), this.#clock.nowMs());
    this.#pump();
  }

  /** Calls `grant` when `bytes` may be sent; returns how to give up waiting. An answer waits for one slice at a time. */
  ask(bytes: number, grant: () => void): () => void {
    const entry: Waiting = { bytes, grant };
    this.#waiting.push(entry);
    if (this.#waiting.length === 1) this.#pump();
    return () => this.#giveUp(entry);
  }

  #giveUp(entry: Waiting): void {
    const index = this.#waiting.indexOf(entry);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    if (index === 0 && this.#isHeadCharged) {
      // What the bucket was charged for will not be sent.
      this.#bucket.take(-entry.bytes, this.#clock.nowMs());
      this.#isHeadCharged = false;
      this.#pump();
    }
  }

  #pump(): void {
    // A granted answer may ask for its next slice at once: the loop that granted it sees that.
    if (this.#isPumping) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isPumping = true;
    try {
      this.#grantUntilLimit();
    } finally {
      this.#isPumping = false;
    }
  }

  #grantUntilLimit(): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      const waitMs = this.#bucket.take(this.#isHeadCharged ? 0 : head.bytes, this.#clock.nowMs());
      this.#isHeadCharged = true;
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.schedule(waitMs, () => this.#pump());
        return;
      }
      this.#waiting.shift();
      this.#isHeadCharged = false;
      head.grant();
    }
  }
}

function burstBytes(bytesPerSecond: number): number {
  return bytesPerSecond === Number.POSITIVE_INFINITY
    ? maximumSliceBytes
    : Math.max(minimumSliceBytes, Math.floor(bytesPerSecond * burstSeconds));
}
