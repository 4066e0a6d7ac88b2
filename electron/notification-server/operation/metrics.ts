import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

/** The text format of Prometheus, version 0.0.4: one sample for each metric, no labels. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, type, value }) => {
      const shown = Number.isNaN(value) ? 'NaN' : String(value);
      const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n${name} ${shown}\n`;
    })
    .join('');
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** How late timers are, since the last time somebody asked. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Seconds; starts anew, so that each scrape tells of its own interval. */
  takeP99Seconds(): number {
    const seconds = this.#histogram.percentile(99) / 1e9;
    this.#histogram.reset();
    return seconds;
  }
}
