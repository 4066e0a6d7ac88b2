import { Menu, nativeImage, Tray } from 'electron';
import { type DesktopStatus, statusLines } from './desktop-status.ts';
import picture from './icons/tray.png?inline';

export interface TrayActions {
  show(): void;
  openDeliveries(): void;
  quit(): void;
}

/** Shown with twice as many pixels on dense screens. */
const sizePixels = 16;

/**
 * How the server does, beside the clock. A system without such a place shows nothing, and nothing is lost: what the tray says and
 * does is in the window too.
 */
export class DesktopTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;

  constructor(actions: TrayActions) {
    const image = nativeImage.createFromBuffer(nativeImage.createFromDataURL(picture).toPNG(), {
      width: 2 * sizePixels,
      height: 2 * sizePixels,
      scaleFactor: 2,
    });
    this.#tray = new Tray(image);
    this.#actions = actions;
    // On Linux the menu is all that a click can open.
    if (process.platform !== 'linux') this.#tray.on('click', actions.show);
    this.update(null);
  }

  update(status: DesktopStatus | null): void {
    if (this.#tray.isDestroyed()) return;
    const lines = statusLines(status);
    this.#tray.setToolTip(['Fanout', ...lines].join('\n'));
    const template = [
      ...lines.map((label) => ({ label, enabled: false })),
      { type: 'separator' as const },
      { label: 'Open Fanout', click: this.#actions.show },
      { label: 'Deliveries', click: this.#actions.openDeliveries },
      { type: 'separator' as const },
      { label: 'Quit Fanout', click: this.#actions.quit },
    ];
    this.#tray.setContextMenu(Menu.buildFromTemplate(template));
  }

  remove(): void {
    if (!this.#tray.isDestroyed()) this.#tray.destroy();
  }
}
