import { exitCodes } from './exit-codes.ts';

/** Where a command reads its surroundings and writes its words. */
export interface CommandContext {
  /** Results, a line each, on standard output. */
  readonly print: (line: string) => void;
  /** Everything else, on standard error. */
  readonly note: (line: string) => void;
  readonly progress: ProgressLine;
  /** Fires on the first SIGINT or SIGTERM. */
  readonly interrupt: AbortSignal;
}

/** One line on a terminal that is written over and over; nothing at all where standard error is no terminal. */
export interface ProgressLine {
  /** @param share 0 … 1 @param text what is going on, short */
  show(share: number, text: string): void;
  /** Removes the line. */
  clear(): void;
}

const barWidth = 30;
/** Terminals narrower than the line would scroll with every update. */
const defaultColumns = 80;
/** Ten times a second is smooth; more only costs. */
const redrawEveryMs = 100;

export function terminalProgress(stream: NodeJS.WriteStream): ProgressLine {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(share, text) {
      const nowMs = performance.now();
      if (nowMs - drawnAtMs < redrawEveryMs) return;
      drawnAtMs = nowMs;
      isShown = true;
      stream.write(`\r\u001b[2K${progressText(share, text).slice(0, (stream.columns ?? defaultColumns) - 1)}`);
    },
    clear() {
      if (isShown) stream.write('\r\u001b[2K');
      isShown = false;
      drawnAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** `[##########--------------------]  33 %  text` */
export function progressText(share: number, text: string): string {
  const bounded = Math.min(1, Math.max(0, share));
  const done = Math.floor(bounded * barWidth);
  const percent = String(Math.floor(bounded * 100)).padStart(3);
  return `[${'#'.repeat(done)}${'-'.repeat(barWidth - done)}] ${percent} %  ${text}`;
}

/** The context of a real run. A second signal ends the process at once, for those who cannot wait. */
export function processContext(): CommandContext {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = terminalProgress(process.stderr);
  return {
    print: (line) => {
      progress.clear();
      process.stdout.write(`${line}\n`);
    },
    note: (line) => {
      progress.clear();
      process.stderr.write(`${line}\n`);
    },
    progress,
    interrupt: controller.signal,
  };
}

/** Resolves when the signal fires. */
export function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
