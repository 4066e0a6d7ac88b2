import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { app } from 'electron';
import { defaultDataFolder, emptyDataFolder, takeDataFolder } from '../fleet/data-folder.ts';
import type { DesktopOptions } from './command-line.ts';
import { findRunningServer, signInLinkOfRunningServer } from './running-server.ts';

export interface DataFolders {
  /** The Notification Server's: database, packages, keys, `server.json`. */
  readonly data: string;
  /** Plan and agents of the demo fleet. */
  readonly fleet: string;
  /** What manifests of channels may name lies here; people put it there. */
  readonly imports: string;
  readonly windowStateFile: string;
  /** What a person has chosen for this application. */
  readonly preferencesFile: string;
  /** What the updater wants to read. */
  readonly updateConfigurationFile: string;
}

/**
 * Everything of one installation lies below one folder, Chromium's profile too: another `--data` is another installation with a
 * lock, a window and sessions of its own.
 */
export function setupDataFolders(options: DesktopOptions): DataFolders {
  const data = options.dataFolder ?? defaultDataFolder();
  const profile = path.join(data, 'desktop');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  app.setPath('userData', profile);
  app.setPath('sessionData', profile);
  return {
    data,
    fleet: path.join(data, 'fleet'),
    imports: path.join(data, 'import'),
    windowStateFile: path.join(profile, 'window.json'),
    preferencesFile: path.join(profile, 'preferences.json'),
    updateConfigurationFile: path.join(profile, 'app-update.yml'),
  };
}

/**
 * Marks the folder as Fanout's, empties it first where asked. Call it with the single-instance lock held. Rejects with a sentence
 * where it is not a folder of Fanout's, or where a server without a window (`fanout serve`) uses it.
 */
export async function prepareDataFolder(folders: DataFolders, isFresh: boolean): Promise<void> {
  await refuseSecondServer(folders.data);
  if (isFresh) {
    app.releaseSingleInstanceLock(); // it lies in the folder; nobody can be told of a second start in between
    await emptyDataFolder(folders.data);
    mkdirSync(path.dirname(folders.windowStateFile), { recursive: true, mode: 0o700 });
    app.requestSingleInstanceLock();
  }
  await takeDataFolder(folders.data);
  await mkdir(folders.imports, { recursive: true, mode: 0o700 });
}

async function refuseSecondServer(dataFolder: string): Promise<void> {
  const running = findRunningServer(dataFolder);
  const link = running === null ? null : await signInLinkOfRunningServer(running);
  if (running === null || link === null) return;
  throw new Error(
    `A server already runs with the data in ${dataFolder}: process ${running.pid}. Its console (link valid once): ${link}`,
  );
}
