import { Notification } from 'electron';
import type { NotificationText } from './notification-rules.ts';

/** Shown ones are kept until they are closed: what nobody refers to could not be clicked. The oldest goes first. */
const mostKept = 20;
const shown = new Set<Notification>();

export function showNotification({ title, body, path }: NotificationText, open: (path: string) => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  const forget = () => void shown.delete(notification);
  notification.once('click', () => {
    forget();
    open(path);
  });
  notification.once('close', forget);
  for (const old of [...shown].slice(0, Math.max(0, shown.size - mostKept + 1))) {
    shown.delete(old);
    old.close();
  }
  shown.add(notification);
  notification.show();
}
