import type { MenuItemConstructorOptions } from 'electron';
import { consoleMenuPages } from '../../shared/contracts/console-pages.ts';
import type { DesktopDeed, DesktopSession } from '../../shared/contracts/desktop-bridge.ts';

/** What the items do. */
export interface MenuActions {
  open(path: string): void;
  do(deed: DesktopDeed): void;
  showDocumentation(): void;
  quit(): void;
}

/** The first nine pages have a key. */
const pagesWithKeys = 9;

/** The whole menu bar: what the person who is signed in may not do cannot be chosen. Keys as the system has them. */
export function menuTemplate(
  session: DesktopSession,
  actions: MenuActions,
  isMac: boolean,
): MenuItemConstructorOptions[] {
  const deed = (name: DesktopDeed, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    enabled: session.isSignedIn && session.deeds.includes(name),
    click: () => actions.do(name),
  });
  const page = (label: string, path: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    enabled: session.isSignedIn,
    click: () => actions.open(path),
  });
  const preferences = page('Preferences…', '/desktop', 'CmdOrCtrl+,');
  const about = page('About Fanout', '/about');
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const ofMac: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      about,
      separator,
      preferences,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { label: 'Quit Fanout', accelerator: 'Cmd+Q', click: actions.quit },
    ],
  };
  return [
    ...(isMac ? [ofMac] : []),
    {
      label: '&File',
      submenu: [
        deed('import-package', 'Import a Package…', 'CmdOrCtrl+I'),
        deed('new-delivery', 'New Delivery…', 'CmdOrCtrl+N'),
        separator,
        deed('back-up', 'Back Up the Server…'),
        ...(isMac
          ? []
          : [separator, preferences, separator, { label: 'Quit', accelerator: 'Ctrl+Q', click: actions.quit }]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: consoleMenuPages.map(({ label, path }, index) =>
        page(label, path, index < pagesWithKeys ? `CmdOrCtrl+${index + 1}` : undefined),
      ),
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        separator,
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      label: '&Help',
      submenu: [
        { label: 'Documentation', accelerator: 'F1', click: actions.showDocumentation },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ];
}
