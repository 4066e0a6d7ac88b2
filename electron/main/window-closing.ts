import { app, type BrowserWindow, dialog } from 'electron';
import type { PreferenceFile } from './desktop-preferences.ts';
import type { DesktopStatus } from './desktop-status.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';
import { closingDecision, closingQuestion } from './window-closing-rule.ts';

/**
 * A person closes the window: Fanout quits, asks first where deliveries are running, or goes on beside the clock, as chosen under
 * Preferences. What is chosen in the menu or asked by a signal needs no question.
 */
export function setupWindowClosing(
  window: BrowserWindow,
  preferences: PreferenceFile,
  status: () => DesktopStatus | null,
  shutdown: OrderedShutdown,
): void {
  let isConfirmed = false;
  let isAsking = false;
  const stay = () => {
    // Nobody can know on Linux whether a tray is shown: a minimised window is never lost.
    if (process.platform === 'linux') window.minimize();
    else window.hide();
  };
  const ask = async (running: number) => {
    isAsking = true;
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      ...closingQuestion(running),
      noLink: true,
    });
    isAsking = false;
    if (window.isDestroyed()) return;
    if (response === 0) {
      isConfirmed = true;
      window.close();
    } else if (response === 1) stay();
  };
  app.on('activate', () => window.isDestroyed() || window.show()); // a click into the dock of macOS
  window.on('close', (event) => {
    if (isConfirmed || shutdown.isStopping) return;
    const decision = closingDecision(preferences.current.whenWindowCloses, status());
    if (decision.kind === 'quit') return;
    event.preventDefault();
    if (decision.kind === 'stay') stay();
    else if (!isAsking) void ask(decision.running);
  });
}
