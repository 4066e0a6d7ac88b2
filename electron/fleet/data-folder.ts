import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Says that a folder is Fanout's own, so that `--fresh` may empty it and never anything else. */
export const dataFolderMarker = '.fanout-data-folder';
/** The desktop application's profile: there before the folder can be marked, because its single-instance lock lies in it. */
const profileName = 'desktop';
const markerText = 'This folder belongs to Fanout. Starting with --fresh deletes what is in it.\n';

/**
 * Where server and fleet keep their data unless told otherwise: the folder that Electron calls `appData`, so that the desktop
 * application and the command line find each other's server.
 */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  if (platform === 'win32') {
    return path.win32.join(environment.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming'), 'fanout');
  }
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', 'fanout');
  return path.posix.join(environment.XDG_CONFIG_HOME || path.posix.join(home, '.config'), 'fanout');
}

/** Makes the folder if it is missing, readable by its owner only, and marks it. Throws what the file system answers. */
export async function takeDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, dataFolderMarker), markerText);
}

/** Deletes everything in a data folder. Throws a sentence for people where the folder is not one. */
export async function emptyDataFolder(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!entries.includes(dataFolderMarker) && entries.some((entry) => entry !== profileName)) {
    throw new Error(`${folder} holds something else than Fanout's data, so it is not emptied. Choose another folder.`);
  }
  // The marker goes last: a deletion that is interrupted can be repeated.
  for (const entry of entries.filter((name) => name !== dataFolderMarker)) {
    await rm(path.join(folder, entry), { recursive: true, force: true });
  }
  await rm(path.join(folder, dataFolderMarker), { force: true });
}
