import { type BrowserWindow, dialog } from 'electron';
import { recoveryAfterCrash } from './recovery-rule.ts';

/**
 * A page that crashes or hangs takes nothing with it: the server and the agents run in other processes. It is loaded again once with a
 * notice; when that does not hold, a person decides.
 */
export function setupRendererRecovery(window: BrowserWindow, consoleUrl: string, quit: () => void): void {
  let lastCrashMs: number | null = null;
  window.webContents.on('render-process-gone', (_event, details) => {
    if (window.isDestroyed() || details.reason === 'clean-exit') return;
    console.error(`The console's page ended: ${details.reason} (${details.exitCode}).`);
    const nowMs = performance.now();
    const recovery = recoveryAfterCrash(lastCrashMs, nowMs);
    lastCrashMs = nowMs;
    const page = pageToLoadAgain(window, consoleUrl);
    if (recovery === 'reload') {
      void window.loadURL(page).catch((error) => console.error(`The console did not load again: ${error}`));
      void notify(window);
    } else {
      void ask(window, page, quit);
    }
  });
  recoverFromHanging(window);
}

/** Where the person was; the console's first page where that is not known. */
function pageToLoadAgain(window: BrowserWindow, consoleUrl: string): string {
  const url = window.webContents.getURL();
  return URL.canParse(url) && new URL(url).origin === consoleUrl ? url : consoleUrl;
}

/** Only the person knows whether to wait. A page that is given up is ended, and comes back as after a crash. */
function recoverFromHanging(window: BrowserWindow): void {
  const asking = { abort: null as AbortController | null };
  window.on('responsive', () => asking.abort?.abort());
  window.on('unresponsive', async () => {
    if (asking.abort !== null) return;
    asking.abort = new AbortController();
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'The console does not answer.',
      detail:
        'The Notification Server and the agents are not affected. Changes that were not saved are lost if it is loaded again.',
      buttons: ['Wait', 'Load again'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      signal: asking.abort.signal, // it answers again: the question is over
    });
    asking.abort = null;
    if (response === 1 && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
  });
}

async function notify(window: BrowserWindow): Promise<void> {
  await dialog.showMessageBox(window, {
    type: 'info',
    message: 'The console stopped working and was loaded again.',
    detail: 'The Notification Server and the agents were not affected. Changes that were not saved are lost.',
    noLink: true,
  });
}

async function ask(window: BrowserWindow, page: string, quit: () => void): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The console stopped working again.',
    detail: 'The Notification Server and the agents are still running.',
    buttons: ['Load again', 'Quit Fanout'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (response === 1) quit();
  else await window.loadURL(page);
}
