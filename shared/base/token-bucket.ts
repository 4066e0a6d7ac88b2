/**
 * A rate limit that knows no clock: callers pass `nowMs`. Tokens may go negative by one request, so that a block larger
 * than the burst is delayed and not refused; the average stays exact.
 */
export class TokenBucket {
  #bytesPerSecond: number;
  #burstBytes: number;
  #tokens: number;
  #updatedAtMs: number;

  /** `bytesPerSecond` Infinity = unlimited. `burstBytes` bounds what may pass at once after a pause. */
  constructor(bytesPerSecond: number, burstBytes: number, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#burstBytes = burstBytes;
    this.#tokens = burstBytes;
    this.#updatedAtMs = nowMs;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  setRate(bytesPerSecond: number, burstBytes: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#bytesPerSecond = bytesPerSecond;
    this.#burstBytes = burstBytes;
    this.#tokens = Math.min(this.#tokens, burstBytes);
  }

  /** Takes `bytes` and returns how many milliseconds the caller has to wait before sending them (0 = now). */
  take(bytes: number, nowMs: number): number {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    this.#refill(nowMs);
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#bytesPerSecond) * 1000;
  }

  #refill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#updatedAtMs);
    // A clock that went back gives nothing twice.
    this.#updatedAtMs = Math.max(this.#updatedAtMs, nowMs);
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) {
      this.#tokens = this.#burstBytes;
      return;
    }
    this.#tokens = Math.min(this.#burstBytes, this.#tokens + (elapsedMs * this.#bytesPerSecond) / 1000);
  }
}
