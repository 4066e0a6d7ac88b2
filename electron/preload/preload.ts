import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge, DesktopCommand } from '../../shared/contracts/desktop-bridge.ts';
import { desktopChannelNames, desktopCommandChannel } from '../../shared/contracts/desktop-channels.ts';
import { isConsolePage } from './console-origin.ts';

const bridge: DesktopBridge<File> = {
  describe: () => ipcRenderer.invoke(desktopChannelNames.describe),
  chooseImportPath: (kind) => ipcRenderer.invoke(desktopChannelNames.chooseImportPath, kind),
  chooseBackupFolder: () => ipcRenderer.invoke(desktopChannelNames.chooseBackupFolder),
  pathOfDroppedFile(file) {
    const path = webUtils.getPathForFile(file);
    return path === '' ? null : path;
  },
  tellSession: (session) => ipcRenderer.invoke(desktopChannelNames.tellSession, session),
  preferences: () => ipcRenderer.invoke(desktopChannelNames.preferences),
  updates: () => ipcRenderer.invoke(desktopChannelNames.updates),
  update: (step) => ipcRenderer.invoke(desktopChannelNames.update, step),
  changePreferences: (changes) => ipcRenderer.invoke(desktopChannelNames.changePreferences, changes),
  onCommand(listener) {
    // The event stays here: it has the whole of ipcRenderer on it.
    const pass = (_event: unknown, command: DesktopCommand) => listener(command);
    ipcRenderer.on(desktopCommandChannel, pass);
    return () => void ipcRenderer.off(desktopCommandChannel, pass);
  },
};

// The main process checks the sender of every call once more: this only keeps the bridge out of other pages' sight.
if (isConsolePage(process.argv, { origin: location.origin, isMainFrame: window === window.top })) {
  contextBridge.exposeInMainWorld('fanoutDesktop', bridge);
}
