import type { BrowserWindow } from 'electron';
import { type DesktopCommand, type DesktopSession, desktopDeeds } from '../../shared/contracts/desktop-bridge.ts';
import { desktopCommandChannel } from '../../shared/contracts/desktop-channels.ts';

const nobody: DesktopSession = { isSignedIn: false, deeds: [] };

/**
 * How menu, tray, notifications and links speak to the console: it shows the page itself, so that changes that were not saved are
 * asked about as ever. What is said before somebody is signed in is said then, the newest only.
 */
export class ConsoleLink {
  #window: BrowserWindow | null = null;
  #session = nobody;
  #waiting: DesktopCommand | null = null;
  readonly #listeners: (() => void)[] = [];

  get session(): DesktopSession {
    return this.#session;
  }

  get window(): BrowserWindow | null {
    return this.#window === null || this.#window.isDestroyed() ? null : this.#window;
  }

  /** `window` shows the console. While its page is away (loading, crashed), nobody is signed in. */
  setWindow(window: BrowserWindow): void {
    this.#window = window;
    window.webContents.on('render-process-gone', () => this.takeSession(nobody));
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.takeSession(nobody);
    });
  }

  /** The console says who is signed in. */
  takeSession(session: DesktopSession): void {
    this.#session = { ...session, deeds: desktopDeeds.filter((deed) => session.deeds.includes(deed)) };
    for (const listener of this.#listeners) listener();
    if (!session.isSignedIn || this.#waiting === null) return;
    const command = this.#waiting;
    this.#waiting = null;
    this.#send(command);
  }

  onSession(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Brings the window to the front and shows a page of the console. */
  open(path: string): void {
    this.show();
    this.#send({ kind: 'open', path });
  }

  do(deed: DesktopSession['deeds'][number]): void {
    this.show();
    this.#send({ kind: 'do', deed });
  }

  show(): void {
    const { window } = this;
    if (window === null) return; // still starting: its window will come
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #send(command: DesktopCommand): void {
    if (this.#session.isSignedIn) this.window?.webContents.send(desktopCommandChannel, command);
    else this.#waiting = command;
  }
}
