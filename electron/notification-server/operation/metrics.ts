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
