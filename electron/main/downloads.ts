import path from 'node:path';
import { app, BrowserWindow, type DownloadItem, dialog, type FileFilter, session } from 'electron';
import { isAllowedDownload, suggestedFileName } from './download-rules.ts';

const filters: Readonly<Record<string, FileFilter>> = {
  '.csv': { name: 'Table (CSV)', extensions: ['csv'] },
  '.json': { name: 'JSON', extensions: ['json'] },
  '.png': { name: 'Picture (PNG)', extensions: ['png'] },
  '.xml': { name: 'XML', extensions: ['xml'] },
};

/** What the console lets a person save (tables, policies, charts) goes through the system's own dialog, and nothing else is saved. */
export function setupDownloads(consoleOrigin: string): void {
  session.defaultSession.on('will-download', (event, item, contents) => {
    if (!isAllowedDownload(item.getURL(), consoleOrigin)) {
      event.preventDefault();
      console.error(`A download from ${item.getURL().slice(0, 200)} was refused.`);
      return;
    }
    const name = suggestedFileName(item.getFilename());
    const filter = filters[path.extname(name).toLowerCase()];
    item.setSaveDialogOptions({
      title: `Save ${name}`,
      defaultPath: path.join(app.getPath('downloads'), name),
      ...(filter === undefined ? {} : { filters: [filter, { name: 'All files', extensions: ['*'] }] }),
    });
    item.once('done', (_event, state) => {
      if (state === 'interrupted') void tellFailure(item, BrowserWindow.fromWebContents(contents));
    });
  });
}

async function tellFailure(item: DownloadItem, window: BrowserWindow | null): Promise<void> {
  const options = {
    type: 'error' as const,
    message: `${suggestedFileName(item.getFilename())} was not saved.`,
    detail: `The file ${item.getSavePath()} could not be written. Is there room, and may you write there?`,
    noLink: true,
  };
  await (window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
}
