import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventLoopDelaySummary } from '../../../shared/contracts/operation-api.ts';

const resolutionMs = 10;

/** What is used of Node's own; nanoseconds. */
export interface DelayHistogram {
  readonly count: number;
  readonly max: number;
  percentile(percentage: number): number;
  enable(): boolean;
  disable(): boolean;
  reset(): void;
}
/** Of two histograms one begins anew so often: the other one always knows the last half of a minute, and up to a whole one. */
const renewEveryMs = 30_000;

/** How late timers of this process are: since somebody asked last (for metrics), and over the last minute (for people). */
export class EventLoopDelay {
  readonly #sinceAsked: DelayHistogram;
  readonly #makeHistogram: () => DelayHistogram;
  readonly #now: () => number;
  /** The older one first. */
  #recent: { readonly histogram: DelayHistogram; sinceMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** `now` is monotonic. */
  constructor(
    now = () => performance.now(),
    makeHistogram: () => DelayHistogram = () => monitorEventLoopDelay({ resolution: resolutionMs }),
  ) {
    this.#now = now;
    this.#makeHistogram = makeHistogram;
    this.#sinceAsked = makeHistogram();
  }

  start(): void {
    const sinceMs = this.#now();
    this.#recent = [1, 2].map(() => ({ histogram: this.#makeHistogram(), sinceMs }));
    for (const histogram of this.#histograms()) histogram.enable();
    this.#timer = setInterval(() => this.#renewOlder(), renewEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const histogram of this.#histograms()) histogram.disable();
  }

  /** Seconds; starts anew, so that each scrape tells of its own interval. */
  takeP99Seconds(): number {
    const seconds = delayMs(this.#sinceAsked.percentile(99)) / 1000;
    this.#sinceAsked.reset();
    return seconds;
  }

  recent(): EventLoopDelaySummary {
    const older = this.#recent[0];
    if (older === undefined || older.histogram.count === 0) return { overSeconds: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 };
    const { histogram, sinceMs } = older;
    return {
      overSeconds: Math.round((this.#now() - sinceMs) / 1000),
      p50Ms: delayMs(histogram.percentile(50)),
      p99Ms: delayMs(histogram.percentile(99)),
      maxMs: delayMs(histogram.max),
    };
  }

  #histograms(): DelayHistogram[] {
    return [this.#sinceAsked, ...this.#recent.map(({ histogram }) => histogram)];
  }

  #renewOlder(): void {
    const [older, newer] = this.#recent;
    if (older === undefined || newer === undefined) return;
    older.histogram.reset();
    this.#recent = [newer, { histogram: older.histogram, sinceMs: this.#now() }];
  }
}

/** Node measures from one timer to the next, its own interval included. */
function delayMs(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - resolutionMs) : 0;
}
