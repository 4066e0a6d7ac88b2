/**
 * What tests leave in a page or in Electron's main process, to be read there later: a function that runs elsewhere sees none of
 * the test's variables. Types only; this module has nothing to run.
 */
import type axe from 'axe-core';
// Tells what the desktop application gives its pages: `window.fanoutDesktop`.
import type {} from '../../renderer/api/desktop-bridge.ts';

declare global {
  /** In a page. */
  interface Window {
    /** Once its source was run there. */
    readonly axe: typeof axe;
    /** What a listener of the bridge was called with. */
    heardCommands?: unknown[];
    longTasksMs: number[];
    /** What a table has said since the page was opened. */
    wordsSeen: string[];
  }

  // In Electron's main process.

  var recordedNativeUi: RecordedNativeUi & {
    readonly shown: Electron.Notification[];
    trayMenu: Electron.Menu | null;
  };
  /** What the system's dialogs were asked to show, and its browser to open. */
  var askedOfPerson: unknown[];
  var handedOverUrls: string[];
  var savedExport:
    | { readonly defaultPath: string | undefined; readonly extensions: string[]; state: string }
    | undefined;

  namespace Electron {
    interface WebContents {
      /** There since Electron 1, and not in its types. */
      getLastWebPreferences(): { readonly [name: string]: unknown };
    }
  }
}

export interface RecordedNativeUi {
  readonly dialogs: Electron.MessageBoxOptions[];
  readonly notifications: { readonly title: string; readonly body: string }[];
  trayLines: string[];
}
