/** Stands in for the person at what the system shows beside the page: menus, the tray, notifications, dialogs. */
import type { RecordedNativeUi } from '../../support/test-globals.ts';
import type { DesktopApplication } from './desktop-application.ts';

/** From now on dialogs are answered with this button (its number, or its words), notifications and the tray are recorded and not shown. */
export async function recordNativeUi(desktop: DesktopApplication, response: number | string = 0): Promise<void> {
  await desktop.electron.evaluate(({ dialog, Notification, Tray }, answer) => {
    const recorded: typeof recordedNativeUi = {
      dialogs: [],
      notifications: [],
      shown: [],
      trayLines: [],
      trayMenu: null,
    };
    globalThis.recordedNativeUi = recorded;
    dialog.showMessageBox = async (...question: unknown[]) => {
      const asked = question.at(-1) as Electron.MessageBoxOptions;
      recorded.dialogs.push(asked);
      const chosen = typeof answer === 'number' ? answer : (asked.buttons?.indexOf(answer) ?? -1);
      return { response: chosen, checkboxChecked: false };
    };
    Notification.isSupported = () => true;
    Notification.prototype.show = function show() {
      recorded.notifications.push({ title: this.title, body: this.body });
      recorded.shown.push(this);
    };
    Tray.prototype.setContextMenu = (menu) => {
      recorded.trayMenu = menu;
      recorded.trayLines = menu?.items.filter((item) => !item.enabled).map((item) => item.label) ?? [];
    };
  }, response);
}

export function recorded(desktop: DesktopApplication): Promise<RecordedNativeUi> {
  return desktop.electron.evaluate(() => {
    const { dialogs, notifications, trayLines } = globalThis.recordedNativeUi;
    return { dialogs, notifications, trayLines };
  });
}

export async function chooseInTray(desktop: DesktopApplication, label: string): Promise<void> {
  await desktop.electron.evaluate((_electron, wanted) => {
    const item = globalThis.recordedNativeUi.trayMenu?.items.find((candidate) => candidate.label === wanted);
    if (item === undefined) throw new Error(`the tray has no ${wanted}`);
    item.click();
  }, label);
}

export async function clickNotification(desktop: DesktopApplication, title: string): Promise<void> {
  await desktop.electron.evaluate((_electron, wanted) => {
    const notification = globalThis.recordedNativeUi.shown.find((candidate) => candidate.title === wanted);
    if (notification === undefined) throw new Error(`no notification says ${wanted}`);
    notification.emit('click');
  }, title);
}

/** `File`, `Import a Package…`. Fails where it cannot be chosen. */
export async function chooseInMenu(desktop: DesktopApplication, menu: string, label: string): Promise<void> {
  const choices = await choicesOfMenu(desktop);
  if (choices[`${menu} › ${label}`] !== true) throw new Error(`${menu} › ${label} cannot be chosen`);
  await desktop.electron.evaluate(
    ({ Menu }, wanted) => {
      const top = Menu.getApplicationMenu()?.items.find((item) => item.label.replace('&', '') === wanted.menu);
      top?.submenu?.items.find((item) => item.label === wanted.label)?.click();
    },
    { menu, label },
  );
}

/** Everything in the menu bar, and whether it can be chosen. */
export function choicesOfMenu(desktop: DesktopApplication): Promise<Record<string, boolean>> {
  return desktop.electron.evaluate(({ Menu }) =>
    Object.fromEntries(
      (Menu.getApplicationMenu()?.items ?? []).flatMap((top) =>
        (top.submenu?.items ?? []).map((item) => [`${top.label.replace('&', '')} › ${item.label}`, item.enabled]),
      ),
    ),
  );
}
