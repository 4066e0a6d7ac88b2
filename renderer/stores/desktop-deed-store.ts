import { createStore } from 'zustand/vanilla';
import type { DesktopDeed } from '../../shared/contracts/desktop-bridge.ts';

/** What was chosen in the desktop application's menu and waits for the page that does it. */
export const desktopDeedStore = createStore<{ readonly deed: DesktopDeed | null }>(() => ({ deed: null }));

export function requestDeed(deed: DesktopDeed): void {
  desktopDeedStore.setState({ deed });
}

/** True once: the caller does it now. */
export function takeDeed(wanted: DesktopDeed): boolean {
  if (desktopDeedStore.getState().deed !== wanted) return false;
  desktopDeedStore.setState({ deed: null });
  return true;
}
