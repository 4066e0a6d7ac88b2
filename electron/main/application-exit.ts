import { app } from 'electron';
import { OrderedShutdown } from './ordered-shutdown.ts';

/** Longer than the deadlines of all stages together: what is reached when stopping itself goes wrong. */
const hardDeadlineMs = 22_000;

export interface ApplicationExit {
  readonly shutdown: OrderedShutdown;
  /** Stops everything in order, then ends the process, or has `instead` end it. Later calls change nothing. */
  quit(exitCode: number, instead?: () => void): void;
}

/**
 * The one way out, whatever asks for it: the last window, the menu, a signal, an error that nobody handled. Electron's own quit
 * would end the process under the server's feet, so it is held back until everything has stopped.
 */
export function setupApplicationExit(): ApplicationExit {
  const shutdown = new OrderedShutdown();
  let hasStopped = false;
  const quit = (exitCode: number, instead?: () => void) => {
    if (shutdown.isStopping) return;
    setTimeout(() => app.exit(1), hardDeadlineMs).unref();
    void shutdown.stopAll().then((outcomes) => {
      for (const { stage, result, detail } of outcomes) {
        if (result !== 'stopped') console.error(`Stopping the ${stage}: ${result}, ${detail}.`);
      }
      hasStopped = true;
      if (instead === undefined)
        app.exit(exitCode); // ends utility processes too, should one be left
      else instead();
    });
  };
  app.on('window-all-closed', () => quit(0));
  app.on('before-quit', (event) => {
    if (hasStopped) return;
    event.preventDefault();
    quit(0);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (shutdown.isStopping && signal === 'SIGINT') app.exit(1); // a second Ctrl+C means "at once"
      quit(0);
    });
  }
  process.on('uncaughtException', (error) => {
    console.error('An error that nobody handled ends the application:', error);
    quit(1);
  });
  process.on('unhandledRejection', (error) => {
    console.error('An error that nobody handled ends the application:', error);
    quit(1);
  });
  return { shutdown, quit };
}
