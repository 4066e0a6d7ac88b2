import { ConsoleClient } from '../fleet/console-client.ts';
import type { ConsoleLink } from './console-link.ts';
import type { PreferenceFile } from './desktop-preferences.ts';
import type { DesktopStatus } from './desktop-status.ts';
import { DesktopTray } from './desktop-tray.ts';
import { NotificationRules } from './notification-rules.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';
import { StatusWatch } from './status-watch.ts';
import { showNotification } from './system-notifications.ts';

/** It only has to take its picture away. */
const stopDeadlineMs = 1_000;

export interface DesktopPresence {
  /** As of the last look; null = nothing is known yet. */
  status(): DesktopStatus | null;
}

/** How the server does, beside the clock and in notifications, also while the window is closed. */
export function setupDesktopPresence(
  server: { readonly consoleUrl: string; readonly apiToken: string },
  link: ConsoleLink,
  preferences: PreferenceFile,
  exit: { readonly shutdown: OrderedShutdown; quit(exitCode: number): void },
): DesktopPresence {
  const tray = new DesktopTray({
    show: () => link.show(),
    openDeliveries: () => link.open('/deliveries'),
    quit: () => exit.quit(0),
  });
  const rules = new NotificationRules();
  let newest: DesktopStatus | null = null;
  const watch = new StatusWatch(new ConsoleClient(server.consoleUrl, server.apiToken), (status) => {
    newest = status;
    tray.update(status);
    for (const text of rules.take(status, preferences.current)) showNotification(text, (path) => link.open(path));
  });
  exit.shutdown.register('status', {
    deadlineMs: stopDeadlineMs,
    stop: () => {
      watch.stop();
      tray.remove();
    },
  });
  watch.start();
  return { status: () => newest };
}
