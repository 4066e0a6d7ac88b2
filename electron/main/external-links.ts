import { BrowserWindow, dialog, shell, type WebContents } from 'electron';

/** One question at a time: a page that opens links in a loop gets no second one. */
let isAsking = false;

/** Asks the person, naming the whole address, and opens it in the system's browser only after a yes. https addresses only. */
export function offerSystemBrowser(contents: WebContents, url: string): void {
  const window = BrowserWindow.fromWebContents(contents);
  if (window === null || isAsking) return;
  isAsking = true;
  void askAndOpen(window, url).finally(() => {
    isAsking = false;
  });
}

async function askAndOpen(window: BrowserWindow, url: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Open this address in your browser?',
    detail: url.length > 400 ? `${url.slice(0, 400)}…` : url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response !== 0) return;
  try {
    await shell.openExternal(url);
  } catch (error) {
    console.error(`The system's browser did not open ${url}: ${String(error)}`);
  }
}
