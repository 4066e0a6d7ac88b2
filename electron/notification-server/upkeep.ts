import type { Logger } from 'pino';

export interface UpkeepTask {
  readonly what: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/** What a server does now and then. A task that fails is logged and tried again at its next time, never twice at once. */
export function startUpkeep(tasks: readonly UpkeepTask[], logger: Logger): () => void {
  const timers = tasks.map(({ what, everyMs, run }) => {
    let isRunning = false;
    return setInterval(async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await run();
      } catch (error) {
        logger.error({ error }, `could not ${what}`);
      } finally {
        isRunning = false;
      }
    }, everyMs);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
