import type { PacerClock } from '../../shared/base/fair-pacer.ts';

/** Time that only moves when it is told to: rates are counted, never waited for. */
export class ManualPacerClock implements PacerClock {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.ceil(delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((candidate) => candidate !== timer);
    };
  }

  advance(toMs: number): void {
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= toMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((candidate) => candidate !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = toMs;
  }

  get timers(): number {
    return this.#timers.length;
  }
}
