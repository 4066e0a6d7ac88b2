import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge } from '../../shared/contracts/desktop-bridge.ts';
import { desktopChannelNames } from '../../shared/contracts/desktop-channels.ts';
import { isConsolePage } from './console-origin.ts';

const bridge: DesktopBridge<File> = {
  describe: () => ipcRenderer.invoke(desktopChannelNames.describe),
  chooseImportPath: (kind) => ipcRenderer.invoke(desktopChannelNames.chooseImportPath, kind),
  pathOfDroppedFile(file) {
    const path = webUtils.getPathForFile(file);
    return path === '' ? null : path;
  },
};

// The main process checks the sender of every call once more: this only keeps the bridge out of other pages' sight.
if (isConsolePage(process.argv, { origin: location.origin, isMainFrame: window === window.top })) {
  contextBridge.exposeInMainWorld('fanoutDesktop', bridge);
}
