/** Pauses between starts: doubled after every failure up to the longest, back to the first after a healthy time. */
export class BackOff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #failures = 0;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** The pause after one more failure, in milliseconds. */
  nextMs(): number {
    // 2^20 is beyond every longest pause; the bound keeps the power from overflowing in a worker that fails for weeks.
    const pauseMs = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#failures, 20));
    this.#failures++;
    return pauseMs;
  }

  reset(): void {
    this.#failures = 0;
  }
}
