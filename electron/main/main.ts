import { app } from 'electron';
import { setupApplicationExit } from './application-exit.ts';
import { setupApplicationMenu } from './application-menu.ts';
import { type DesktopOptions, parseCommandLine } from './command-line.ts';
import { ConsoleLink } from './console-link.ts';
import { setupConsoleWindow } from './console-window.ts';
import { prepareDataFolder, setupDataFolders } from './data-folders.ts';
import { setupDeepLinks } from './deep-links.ts';
import { startWantedDemoFleet } from './demo-fleet.ts';
import { setupDesktopBridge } from './desktop-bridge-handlers.ts';
import { PreferenceFile } from './desktop-preferences.ts';
import { setupDesktopPresence } from './desktop-presence.ts';
import { setupDownloads } from './downloads.ts';
import { setupNotificationServer } from './notification-server.ts';
import { setupPageSecurity, setupProcessSecurity } from './security.ts';
import { setupSingleInstance } from './single-instance.ts';
import { reportStartFailure } from './start-failure.ts';
import { setupUpdates } from './updates.ts';
import { setupWindowClosing } from './window-closing.ts';

/*
 * The desktop application, as a table of contents. The order matters:
 *  1. what Chromium takes from its command line has to be set before it is ready, so nothing is awaited before;
 *  2. the command line names the data folder, and the lock of a single instance lies in that folder;
 *  3. the way out exists before anything that has to be stopped;
 *  4. the server comes before the window, which shows what it serves, and the locks of pages before the first page;
 *  5. the fleet comes last, so that a person sees it come up.
 */
const args = process.argv.slice(1);
const options = parseCommandLine(args, process.cwd());
if (options.ok) {
  startApplication(options.value);
} else {
  console.error(options.error);
  app.exit(2);
}

function startApplication(desktopOptions: DesktopOptions): void {
  setupProcessSecurity();
  const folders = setupDataFolders(desktopOptions);
  const link = new ConsoleLink();
  if (!setupSingleInstance(folders.data, args, link)) {
    app.exit(0);
    return;
  }
  setupDeepLinks(args, link);
  const exit = setupApplicationExit();
  const start = async () => {
    await prepareDataFolder(folders, desktopOptions.isFresh);
    await app.whenReady();
    const server = await setupNotificationServer(desktopOptions, folders, exit.shutdown);
    if (exit.shutdown.isStopping) return;
    const preferences = new PreferenceFile(folders.preferencesFile);
    setupPageSecurity(server.consoleUrl);
    setupDownloads(server.consoleUrl);
    setupDesktopBridge(server, link, preferences, setupUpdates(folders, preferences, exit));
    setupApplicationMenu(link, server.consoleUrl, () => exit.quit(0));
    const window = setupConsoleWindow(server, folders, preferences, exit);
    link.setWindow(window);
    const presence = setupDesktopPresence(server, link, preferences, exit);
    setupWindowClosing(window, preferences, presence.status, exit.shutdown);
    await startWantedDemoFleet(server, { isAskedFor: desktopOptions.isDemoFleetAskedFor, isInstalled: app.isPackaged });
  };
  void start().catch(async (error: unknown) => {
    if (!exit.shutdown.isStopping) await reportStartFailure(error);
    exit.quit(1);
  });
}
