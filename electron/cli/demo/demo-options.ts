export interface DemoOptions {
  readonly file: string;
  readonly fileBytes: number;
  readonly agents: number;
  readonly subnets: number;
  readonly wanKilobitsPerSecond: number;
  /** Null = nobody is killed. */
  readonly killAtPercent: number | null;
  readonly agentsPerWorker: number;
  /** Null = by size. */
  readonly timeoutSeconds: number | null;
  /** Null = the system's. */
  readonly temporaryFolder: string | null;
  /** The file that `fanout` runs. */
  readonly cliEntry: string;
}

/** A slow laptop: what all agents write together. */
const slowBytesPerSecond = 10_000_000;

/**
 * How long a run may take by its size: three times what the WAN and a slow disk need, and two minutes for everything that does
 * not grow. It is there so that nothing hangs for ever, not to judge.
 */
export function timeoutSecondsOf(options: DemoOptions): number {
  const wanSeconds =
    options.wanKilobitsPerSecond === 0 ? 0 : (options.fileBytes * 8) / (options.wanKilobitsPerSecond * 1000);
  const diskSeconds = (options.fileBytes * options.agents) / slowBytesPerSecond;
  return Math.ceil(120 + 5 * options.agents + 3 * (wanSeconds + diskSeconds));
}
