import { app, type BrowserWindow } from 'electron';
import { findRunningServer } from './running-server.ts';

/**
 * One application per data folder. A second start brings the first one's window to the front and ends with a line that names it;
 * it never touches the data. False = this is the second one.
 */
export function setupSingleInstance(dataFolder: string, firstWindow: () => BrowserWindow | null): boolean {
  if (!app.requestSingleInstanceLock()) {
    const running = findRunningServer(dataFolder);
    const who = running === null ? '' : ` (process ${running.pid}, console ${running.consoleUrl})`;
    console.error(`Fanout is running already${who}: its window was brought to the front.`);
    return false;
  }
  app.on('second-instance', () => {
    const window = firstWindow();
    if (window === null) return; // still starting: its window will come
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  return true;
}
