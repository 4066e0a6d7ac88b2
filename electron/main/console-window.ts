import path from 'node:path';
import { BrowserWindow, dialog, nativeImage, nativeTheme, screen, type WebPreferences } from 'electron';
import { consoleOriginArgument } from '../../shared/contracts/desktop-channels.ts';
import type { ApplicationExit } from './application-exit.ts';
import type { DataFolders } from './data-folders.ts';
import type { PreferenceFile } from './desktop-preferences.ts';
import picture from './icons/window.png?inline';
import type { OrderedShutdown } from './ordered-shutdown.ts';
import { setupRendererRecovery } from './renderer-recovery.ts';
import { minimumWindowSize, placeWindow, readWindowState, writeWindowState } from './window-state.ts';

/** Shown until the page has painted, so that a dark desktop does not flash white. The console's own backgrounds. */
const backgroundColors = { dark: '#1f1f1f', light: '#fafafa' } as const;
/** A page needs no time to close; one that hangs is destroyed after this. */
const closeDeadlineMs = 2_000;
const preloadFile = path.resolve(import.meta.dirname, '../preload/preload.cjs');

/**
 * The application's one window: a browser of one origin, the console, signed in by a one-time link as any browser is. Its loss
 * ends the application (see application-exit.ts); a crash of its page does not.
 */
export function setupConsoleWindow(
  server: { readonly consoleUrl: string; readonly signInLink: string },
  folders: DataFolders,
  preferences: PreferenceFile,
  exit: ApplicationExit,
): BrowserWindow {
  followTheme(preferences);
  const kept = readWindowState(folders.windowStateFile);
  const displays = screen.getAllDisplays().map((display) => display.workArea);
  const window = new BrowserWindow({
    ...placeWindow(kept, displays),
    minWidth: minimumWindowSize.width,
    minHeight: minimumWindowSize.height,
    show: false,
    title: 'Fanout',
    backgroundColor: systemBackground(),
    // On Linux nothing else tells the system; Windows and macOS take the picture of the application.
    ...(process.platform === 'linux' ? { icon: nativeImage.createFromDataURL(picture) } : {}),
    webPreferences: lockedWebPreferences(server.consoleUrl),
  });
  if (kept?.isMaximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  const followSystem = () => window.setBackgroundColor(systemBackground());
  nativeTheme.on('updated', followSystem);
  window.once('closed', () => nativeTheme.off('updated', followSystem));
  keepWindowState(window, folders.windowStateFile);
  askBeforeLosingChanges(window, exit.shutdown);
  setupRendererRecovery(window, server.consoleUrl, () => exit.quit(0));
  exit.shutdown.register('window', { deadlineMs: 2 * closeDeadlineMs, stop: () => closeWindow(window) });
  void loadConsole(window, server.signInLink);
  return window;
}

/** The console's choice is the window's too: its colours before the page is there, menus and dialogs of the system. */
function followTheme(preferences: PreferenceFile): void {
  nativeTheme.themeSource = preferences.current.theme;
  preferences.onChange(({ theme }) => {
    if (nativeTheme.themeSource !== theme) nativeTheme.themeSource = theme;
  });
}

function systemBackground(): string {
  return nativeTheme.shouldUseDarkColors ? backgroundColors.dark : backgroundColors.light;
}

function lockedWebPreferences(consoleOrigin: string): WebPreferences {
  return {
    preload: preloadFile,
    additionalArguments: [`${consoleOriginArgument}${consoleOrigin}`],
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false, // its dictionaries would come from the internet
  };
}

/** A load that is overtaken by another one is no failure; everything else is worth a line, the window stays. */
async function loadConsole(window: BrowserWindow, url: string): Promise<void> {
  try {
    await window.loadURL(url);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ERR_ABORTED') console.error(`The console did not load: ${String(error)}`);
  }
}

function keepWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    try {
      writeWindowState(file, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
    } catch (error) {
      console.error(`The window's place could not be kept in ${file}: ${String(error)}`);
    }
  });
}

/** The page says that it has changes that were not saved; while the application stops, there is nobody left to ask. */
function askBeforeLosingChanges(window: BrowserWindow, shutdown: OrderedShutdown): void {
  window.webContents.on('will-prevent-unload', (event) => {
    const response = shutdown.isStopping
      ? 0
      : dialog.showMessageBoxSync(window, {
          type: 'question',
          message: 'Leave without saving?',
          detail: 'Changes in the console have not been saved. If you leave now, they are lost.',
          buttons: ['Discard changes', 'Stay'],
          defaultId: 1,
          cancelId: 1,
          noLink: true,
        });
    if (response === 0) event.preventDefault(); // prevents the prevention
  });
}

async function closeWindow(window: BrowserWindow): Promise<void> {
  if (window.isDestroyed()) return;
  const closed = new Promise<void>((resolve) => window.once('closed', () => resolve()));
  const timer = setTimeout(() => window.destroy(), closeDeadlineMs);
  window.close();
  await closed;
  clearTimeout(timer);
}
