import { performance } from 'node:perf_hooks';
import { TokenBucket } from '../../shared/base/token-bucket.ts';

/** What may pass at once after a pause: a twentieth of a second, but one TLS record at least. */
function burstBytesOf(bytesPerSecond: number): number {
  return bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : Math.max(16_384, bytesPerSecond / 20);
}

/** A rate of 0 means "not now": asked again in this time, or when the rate changes. */
const longestWaitMs = 60_000;

/** Holds a stream of bytes to a rate that may change at any time, in the middle of a wait too. */
export class Pacer {
  readonly #bucket: TokenBucket;
  #wait: { readonly timer: NodeJS.Timeout; readonly resume: () => void } | null = null;

  constructor(bytesPerSecond: number) {
    this.#bucket = new TokenBucket(bytesPerSecond, burstBytesOf(bytesPerSecond), performance.now());
  }

  get isUnlimited(): boolean {
    return this.#bucket.bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  /** What to move at a time, so that the pace is even: about 20 steps a second. */
  stepBytes(maximum: number): number {
    if (this.isUnlimited) return maximum;
    return Math.min(maximum, Math.max(4096, Math.ceil(this.#bucket.bytesPerSecond / 20)));
  }

  /** Counts `bytes`; true where the next may pass at once, else `resume` is called when it may. */
  pass(bytes: number, resume: () => void): boolean {
    const waitMs = this.#bucket.take(bytes, performance.now());
    if (waitMs <= 0) return true;
    this.#startWait(waitMs, resume);
    return false;
  }

  /** Bytes per second, Infinity = unlimited. Acts at once. */
  setRate(bytesPerSecond: number): void {
    this.#bucket.setRate(bytesPerSecond, burstBytesOf(bytesPerSecond), performance.now());
    if (this.#wait === null) return;
    const { timer, resume } = this.#wait;
    clearTimeout(timer);
    this.#wait = null;
    const waitMs = this.#bucket.take(0, performance.now());
    if (waitMs > 0) this.#startWait(waitMs, resume);
    else resume();
  }

  close(): void {
    clearTimeout(this.#wait?.timer);
    this.#wait = null;
  }

  #startWait(waitMs: number, resume: () => void): void {
    const timer = setTimeout(
      () => {
        this.#wait = null;
        // Woken early, because the wait was cut or the rate was 0: the debt decides.
        const restMs = this.#bucket.take(0, performance.now());
        if (restMs > 1) this.#startWait(restMs, resume);
        else resume();
      },
      Math.min(longestWaitMs, Math.max(1, waitMs)),
    );
    this.#wait = { timer, resume };
  }
}
