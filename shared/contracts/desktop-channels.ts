/*
 * The names that the preload script needs of the desktop bridge, apart from its schemas: a preload script is read before
 * every page, and validation is the main process's work.
 */

export const desktopChannelNames = {
  describe: 'fanout:describe',
  chooseImportPath: 'fanout:choose-import-path',
  chooseBackupFolder: 'fanout:choose-backup-folder',
  tellSession: 'fanout:tell-session',
  preferences: 'fanout:preferences',
  updates: 'fanout:updates',
  update: 'fanout:update',
  changePreferences: 'fanout:change-preferences',
} as const;

/** The one channel that the main process speaks on: what was chosen in the menu, the tray, a notification or a link. */
export const desktopCommandChannel = 'fanout:command';

/** How the main process tells the preload script which origin is the console's: an argument of the renderer process. */
export const consoleOriginArgument = '--fanout-console-origin=';
