import path from 'node:path';
import { app, BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain, Notification } from 'electron';
import type { z } from 'zod';
import { type DesktopDescription, desktopChannels, type ImportKind } from '../../shared/contracts/desktop-bridge.ts';
import type { ConsoleLink } from './console-link.ts';
import type { PreferenceFile } from './desktop-preferences.ts';
import { requireAdministrator } from './signed-in-person.ts';
import type { Updates } from './updates.ts';

/**
 * The main process's side of `window.fanoutDesktop`. Every call is answered only for the main frame of the console's own origin,
 * and only after its arguments were parsed.
 */
export function setupDesktopBridge(
  server: { readonly consoleUrl: string; readonly productVersion: string },
  link: ConsoleLink,
  preferences: PreferenceFile,
  updates: Updates,
): void {
  const { consoleUrl } = server;
  handle(consoleUrl, desktopChannels.describe, () => describe(server.productVersion));
  handle(consoleUrl, desktopChannels.chooseImportPath, chooseImportPath);
  handle(consoleUrl, desktopChannels.chooseBackupFolder, chooseBackupFolder);
  handle(consoleUrl, desktopChannels.tellSession, (_event, session) => {
    link.takeSession(session);
    return null;
  });
  handle(consoleUrl, desktopChannels.preferences, () => preferences.current);
  handle(consoleUrl, desktopChannels.changePreferences, async (_event, changes) => {
    if (changes.updateFeedUrl !== undefined) await requireAdministrator(consoleUrl);
    return preferences.change(changes);
  });
  handle(consoleUrl, desktopChannels.updates, () => updates.state);
  handle(consoleUrl, desktopChannels.update, async (_event, step) => {
    await requireAdministrator(consoleUrl);
    return updates.begin(step);
  });
}

interface Ability<Request extends z.ZodType, Answer extends z.ZodType> {
  readonly channel: string;
  readonly request: Request;
  readonly answer: Answer;
}

function handle<Request extends z.ZodType<unknown[]>, Answer extends z.ZodType>(
  consoleOrigin: string,
  ability: Ability<Request, Answer>,
  answer: (event: IpcMainInvokeEvent, ...request: z.output<Request>) => z.input<Answer> | Promise<z.input<Answer>>,
): void {
  ipcMain.handle(ability.channel, async (event, ...request: unknown[]) => {
    const frame = event.senderFrame; // null where the frame has gone meanwhile
    if (frame === null || frame.origin !== consoleOrigin || frame.parent !== null) {
      throw new Error('Only the console may ask this.');
    }
    return ability.answer.parse(await answer(event, ...ability.request.parse(request)));
  });
}

function describe(productVersion: string): DesktopDescription {
  return {
    productVersion,
    platform: process.platform,
    electronVersion: process.versions.electron ?? '',
    chromiumVersion: process.versions.chrome ?? '',
    hasNotifications: Notification.isSupported(),
  };
}

async function chooseImportPath(event: IpcMainInvokeEvent, kind: ImportKind): Promise<string | null> {
  const window = BrowserWindow.fromWebContents(event.sender);
  if (window === null) return null;
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: kind === 'file' ? 'Import a file as a package' : 'Import a folder as a package',
    buttonLabel: 'Import',
    defaultPath: app.getPath('home'),
    properties: [kind === 'file' ? 'openFile' : 'openDirectory'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}

/** A backup wants a folder that is empty: its own one, below what the person chose. */
async function chooseBackupFolder(event: IpcMainInvokeEvent): Promise<string | null> {
  const window = BrowserWindow.fromWebContents(event.sender);
  if (window === null) return null;
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Where shall the backup be?',
    buttonLabel: 'Back up here',
    defaultPath: app.getPath('documents'),
    properties: ['openDirectory', 'createDirectory'],
  });
  const folder = filePaths[0];
  if (canceled || folder === undefined) return null;
  const moment = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return path.join(folder, `fanout-backup-${moment}`);
}
