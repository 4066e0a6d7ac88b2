import path from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { consoleOriginArgument } from '../../shared/contracts/desktop-bridge.ts';
import { minimumWindowSize, placeWindow, readWindowState, writeWindowState } from './window-state.ts';

export interface ConsoleWindowOptions {
  readonly consoleOrigin: string;
  /** A one-time link: the page behind it signs the window in. */
  readonly signInUrl: string;
  readonly windowStateFile: string;
  readonly preloadFile: string;
}

/** Shown until the page has painted, so that a dark desktop does not flash white. The console's own backgrounds. */
const backgroundColors = { dark: '#1f1f1f', light: '#fafafa' } as const;

/** The application's one window. Without Node, isolated, sandboxed; it shows the console like any browser would. */
export function openConsoleWindow(options: ConsoleWindowOptions): BrowserWindow {
  const kept = readWindowState(options.windowStateFile);
  const window = new BrowserWindow({
    ...placeWindow(
      kept,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: minimumWindowSize.width,
    minHeight: minimumWindowSize.height,
    show: false,
    title: 'Fanout',
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgroundColors.dark : backgroundColors.light,
    webPreferences: {
      preload: path.resolve(options.preloadFile),
      additionalArguments: [`${consoleOriginArgument}${options.consoleOrigin}`],
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
    },
  });
  if (kept?.isMaximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  keepWindowState(window, options.windowStateFile);
  void loadConsole(window, options.signInUrl);
  return window;
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
